//! What the three signature methods share: the canonical request and the Authorization header.

use http::{HeaderValue, header, request::Parts};

use super::failure;
use crate::{domain::Vendor, error::Result};

/// A canonical request. Holds what the customer wrote: never log it.
pub struct CanonicalRequest {
    /// The text that is hashed.
    pub text: String,
    /// The header block in it: `name:value` lines, each ended by LF.
    pub headers: String,
    /// The header names, joined with `;`.
    pub signed_headers: String,
}

impl CanonicalRequest {
    /// The lines `method`, `path` and `query`, then the headers sorted by name, their names and the hash of the body.
    pub fn new([method, path, query]: [&str; 3], mut headers: Vec<(&str, String)>, body_sha256: &str) -> Self {
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let signed_headers = names.join(";");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let text = format!("{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{body_sha256}");
        Self { text, headers, signed_headers }
    }
}

/// The headers of `parts` that `is_signed` names, with trimmed values.
pub fn headers(parts: &Parts, is_signed: impl Fn(&str) -> bool) -> Vec<(&str, String)> {
    let trimmed = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), trimmed(value)));
    headers.filter(|(name, _)| is_signed(name)).collect()
}

/// Sets the Authorization header, marked as sensitive. `account_keys_refused` when the key id in the text holds
/// characters that a header cannot hold.
pub fn authorize(parts: &mut Parts, vendor: Vendor, authorization: &str) -> Result<()> {
    let mut value =
        HeaderValue::from_str(authorization).map_err(|source| failure::unusable_keys(vendor).with_source(source))?;
    value.set_sensitive(true);
    parts.headers.insert(header::AUTHORIZATION, value);
    Ok(())
}

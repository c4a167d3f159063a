//! AK/SK signature `SDK-HMAC-SHA256`. Edits the request head only.
//!
//! The vendor's page: <https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>. The gateway locks a
//! key for five minutes after five bad signatures in a row, so a refused one is never tried again.

use http::{HeaderValue, header, request::Parts};

use crate::{
    digest,
    domain::{AccountKeys, Vendor},
    error::Result,
    vendors::{encoding, failure},
};

/// The algorithm's name.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// A canonical request and what it was made of. Holds what the customer wrote: never log it.
pub struct Canonical {
    /// The text that is hashed.
    pub text: String,
    /// The path, every segment encoded once, with `/` at its end.
    pub uri: String,
    /// The query.
    pub query: String,
    /// The header names, joined with `;`.
    pub signed_headers: String,
}

/// Signs `parts`: adds `host`, `x-sdk-date` and `authorization`, and puts the query into its canonical form.
///
/// Every header that already stands there is signed, as the official Python signer does, except those with `_` in
/// their name; so the caller must not set what a library or a proxy may change.
///
/// Fails where the key id can't stand in a header.
pub fn sign(parts: &mut Parts, body: &[u8], keys: &AccountKeys, now_ms: i64) -> Result<()> {
    encoding::send_canonical_query(parts)?;
    let date = encoding::utc(now_ms, "%Y%m%dT%H%M%SZ")?;
    let host = encoding::host(parts)?;
    parts.headers.remove(header::AUTHORIZATION);
    parts.headers.insert(header::HOST, host);
    parts.headers.insert("x-sdk-date", encoding::header(&date)?);
    let canonical = canonical_request(parts, &digest::sha256_hex(body));
    let string_to_sign = string_to_sign(&date, &canonical.text);
    let authorization = format!(
        "{ALGORITHM} Access={}, SignedHeaders={}, Signature={}",
        keys.secret_id,
        canonical.signed_headers,
        signature(&keys.secret_key_secret, &string_to_sign)
    );
    let mut authorization = HeaderValue::from_str(&authorization)
        .map_err(|source| failure::unusable_keys(Vendor::Huawei).with_source(source))?;
    authorization.set_sensitive(true);
    parts.headers.insert(header::AUTHORIZATION, authorization);
    Ok(())
}

/// The canonical request:
///
/// ```text
/// <METHOD>
/// <path: every segment decoded and encoded once, "/" at the end even where the request has none>
/// <query: pairs sorted by name and value unencoded, "name=" without a value>
/// <name:value of every signed header, sorted by name, value trimmed, one a line>
///
/// <their names, joined with ;>
/// <lower-case hex SHA-256 of the body>
/// ```
///
/// See <https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>.
pub fn canonical_request(parts: &Parts, body_sha256: &str) -> Canonical {
    let mut pairs: Vec<(&str, String)> = parts
        .headers
        .iter()
        .filter(|(name, _)| !name.as_str().contains('_') && *name != header::AUTHORIZATION)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str(), value.trim().to_owned())
        })
        .collect();
    pairs.sort();
    let headers: String = pairs.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let signed_headers = names.join(";");
    let uri = canonical_uri(parts.uri.path());
    let query = encoding::canonical_query(parts);
    let text = format!(
        "{}\n{uri}\n{query}\n{headers}\n{signed_headers}\n{body_sha256}",
        parts.method.as_str().to_ascii_uppercase()
    );
    Canonical { text, uri, query, signed_headers }
}

fn canonical_uri(path: &str) -> String {
    let segments: Vec<String> = encoding::unpercent(path).split('/').map(encoding::percent).collect();
    let mut uri = segments.join("/");
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The string to sign; there is no scope line:
///
/// ```text
/// SDK-HMAC-SHA256
/// <value of x-sdk-date, YYYYMMDDTHHMMSSZ>
/// <lower-case hex SHA-256 of the canonical request>
/// ```
///
/// See <https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>.
pub fn string_to_sign(date: &str, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{}", digest::sha256_hex(canonical_request))
}

/// The signature; the key is used as it is, nothing is derived from it:
///
/// ```text
/// lower-case hex( HMAC-SHA-256( SK, string to sign ) )
/// ```
///
/// See <https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>.
pub fn signature(secret: &str, string_to_sign: &str) -> String {
    digest::hex(&digest::hmac_sha256(secret.as_bytes(), string_to_sign.as_bytes()))
}

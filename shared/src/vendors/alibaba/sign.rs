//! Signature V3, `ACS3-HMAC-SHA256`. Edits the request head only.
//!
//! The vendor's page: <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>. The old
//! RPC signature (HMAC-SHA1) is not implemented: every action of this API version takes V3.

use http::{HeaderValue, header, request::Parts};

use crate::{
    digest,
    domain::{AccountKeys, Vendor},
    error::Result,
    vendors::{encoding, failure},
};

/// The algorithm's name.
const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A canonical request and the names of the headers in it. Holds what the customer wrote: never log it.
pub struct Canonical {
    /// The text that is hashed.
    pub text: String,
    /// Its header block, `name:value` lines each ended by LF.
    pub headers: String,
    /// The header names, joined with `;`.
    pub signed_headers: String,
}

/// Signs `parts`: adds `host`, `x-acs-date`, `x-acs-signature-nonce`, `x-acs-content-sha256` and `authorization`, and
/// puts the query into its canonical form.
///
/// Every `x-acs-*` header that already stands there is signed, `x-acs-security-token` of temporary keys with it. Date
/// and nonce must be new on every attempt: a nonce that was seen before is refused.
///
/// Fails where the key id can't stand in a header.
pub fn sign(parts: &mut Parts, body: &[u8], keys: &AccountKeys, now_ms: i64, nonce: &str) -> Result<()> {
    encoding::send_canonical_query(parts)?;
    let content_sha256 = digest::sha256_hex(body);
    let date = encoding::utc(now_ms, "%Y-%m-%dT%H:%M:%SZ")?;
    let host = encoding::host(parts)?;
    parts.headers.insert(header::HOST, host);
    parts.headers.insert("x-acs-date", encoding::header(&date)?);
    parts.headers.insert("x-acs-signature-nonce", encoding::header(nonce)?);
    parts.headers.insert("x-acs-content-sha256", encoding::header(&content_sha256)?);
    let canonical = canonical_request(parts, &content_sha256);
    let signature = signature(&keys.secret_key_secret, &string_to_sign(&canonical.text));
    let authorization = format!(
        "{ALGORITHM} Credential={},SignedHeaders={},Signature={signature}",
        keys.secret_id, canonical.signed_headers
    );
    let mut authorization = HeaderValue::from_str(&authorization)
        .map_err(|source| failure::unusable_keys(Vendor::Alibaba).with_source(source))?;
    authorization.set_sensitive(true);
    parts.headers.insert(header::AUTHORIZATION, authorization);
    Ok(())
}

/// The canonical request:
///
/// ```text
/// <METHOD>
/// /
/// <canonical query>
/// <name:value of host, content-type and every x-acs-* header, sorted by name, one a line>
///
/// <their names, joined with ;>
/// <lower-case hex SHA-256 of the body>
/// ```
///
/// See step 1 of <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.
pub fn canonical_request(parts: &Parts, content_sha256: &str) -> Canonical {
    let signed = |name: &str| matches!(name, "host" | "content-type") || name.starts_with("x-acs-");
    let mut pairs: Vec<(&str, String)> = parts
        .headers
        .iter()
        .filter(|(name, _)| signed(name.as_str()))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str(), value.trim().to_owned())
        })
        .collect();
    pairs.sort();
    let headers: String = pairs.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let signed_headers = names.join(";");
    let text = format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{content_sha256}",
        parts.method.as_str(),
        parts.uri.path(),
        encoding::canonical_query(parts),
    );
    Canonical { text, headers, signed_headers }
}

/// The string to sign:
///
/// ```text
/// ACS3-HMAC-SHA256
/// <lower-case hex SHA-256 of the canonical request>
/// ```
///
/// See step 2 of <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.
pub fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", digest::sha256_hex(canonical_request))
}

/// The signature; the key is used as it is, nothing is derived from it:
///
/// ```text
/// lower-case hex( HMAC-SHA-256( AccessKey secret, string to sign ) )
/// ```
///
/// See step 3 of <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>.
pub fn signature(secret: &str, string_to_sign: &str) -> String {
    digest::hex(&digest::hmac_sha256(secret.as_bytes(), string_to_sign.as_bytes()))
}

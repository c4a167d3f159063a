//! AK/SK signature `SDK-HMAC-SHA256`. Edits the request head only.
//!
//! The vendor's page: <https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>. The gateway locks a
//! key for five minutes after five bad signatures in a row, so a refused one is never tried again.

use http::{header, request::Parts};

use crate::{
    digest,
    domain::{AccountKeys, Vendor},
    error::Result,
    vendors::{
        encoding,
        signing::{self, CanonicalRequest},
    },
};

const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// Signs `parts`: adds `host`, `x-sdk-date` and `authorization`, and puts the query into its canonical form.
///
/// Every present header is signed, as the official Python signer does, except those with `_` in
/// their name; so the caller must not set what a library or a proxy may change.
///
/// # Errors
/// `account_keys_refused` when a header cannot hold the key id; `ErrorKind::Unexpected` when `parts` have no host.
///
/// # Examples
///
/// ```
/// use shared::{domain::AccountKeys, vendors::huawei::sign::sign};
///
/// let keys =
///     AccountKeys { secret_id: "testAccessKey".into(), secret_key_secret: "testSecretKey".into() };
/// let uri = "https://osm.cn-south-1.myhuaweicloud.com/v2/servicerequest/config/problems\
///     ?product_category_id=69af625c1be54800b58ac4bae4870c90";
/// let request = http::Request::get(uri)
///     .header("content-type", "application/json")
///     .header("x-domain-id", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
///     .header("x-language", "zh-cn")
///     .header("x-time-zone", "GMT+8")
///     .body(())?;
/// let (mut parts, ()) = request.into_parts();
/// sign(&mut parts, b"", &keys, 1_709_251_199_000)?;
///
/// let authorization = parts.headers["authorization"].to_str()?;
/// assert!(authorization.starts_with("SDK-HMAC-SHA256 Access=testAccessKey, SignedHeaders=content-type;host;"));
/// assert!(authorization.ends_with(
///     "Signature=915b13d11688c076cbfeb20fef6f1c1d28aac57eaff6ced6600263b776cd871d"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(parts: &mut Parts, body: &[u8], keys: &AccountKeys, now_ms: i64) -> Result<()> {
    sign_digest(parts, &digest::sha256_hex(body), keys, now_ms)
}

/// The same for a body that is not in memory: `body_sha256` is its digest, lower-case hex.
///
/// # Errors
/// As [`sign`].
pub fn sign_digest(parts: &mut Parts, body_sha256: &str, keys: &AccountKeys, now_ms: i64) -> Result<()> {
    encoding::send_canonical_query(parts)?;
    let date = encoding::utc(now_ms, "%Y%m%dT%H%M%SZ")?;
    let host = encoding::host(parts)?;
    parts.headers.remove(header::AUTHORIZATION);
    parts.headers.insert(header::HOST, host);
    parts.headers.insert("x-sdk-date", encoding::header(&date)?);
    let canonical = canonical_request(parts, body_sha256);
    let string_to_sign = string_to_sign(&date, &canonical.text);
    let authorization = format!(
        "{ALGORITHM} Access={}, SignedHeaders={}, Signature={}",
        keys.secret_id,
        canonical.signed_headers,
        signature(&keys.secret_key_secret, &string_to_sign)
    );
    signing::authorize(parts, Vendor::Huawei, &authorization)
}

/// The canonical request (<https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>):
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
pub fn canonical_request(parts: &Parts, body_sha256: &str) -> CanonicalRequest {
    let is_signed = |name: &str| !name.contains('_') && name != header::AUTHORIZATION;
    let method = parts.method.as_str().to_ascii_uppercase();
    let (uri, query) = (canonical_uri(parts.uri.path()), encoding::canonical_query(parts));
    CanonicalRequest::new([&method, &uri, &query], signing::headers(parts, is_signed), body_sha256)
}

fn canonical_uri(path: &str) -> String {
    let segments: Vec<String> = encoding::unpercent(path).split('/').map(encoding::percent).collect();
    let mut uri = segments.join("/");
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The string to sign (<https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>); there is no
/// scope line:
///
/// ```text
/// SDK-HMAC-SHA256
/// <value of x-sdk-date, YYYYMMDDTHHMMSSZ>
/// <lower-case hex SHA-256 of the canonical request>
/// ```
pub fn string_to_sign(date: &str, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{}", digest::sha256_hex(canonical_request))
}

/// The signature (<https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>); the key is used
/// as it is, nothing is derived from it:
///
/// ```text
/// lower-case hex( HMAC-SHA-256( SK, string to sign ) )
/// ```
pub fn signature(secret: &str, string_to_sign: &str) -> String {
    digest::hex(&digest::hmac_sha256(secret.as_bytes(), string_to_sign.as_bytes()))
}

//! Signature V3, `ACS3-HMAC-SHA256`. Edits the request head only.
//!
//! The vendor's page: <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>. The old
//! RPC signature (HMAC-SHA1) is not implemented: every action of this API version takes V3.

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

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Signs `parts`: adds `host`, `x-acs-date`, `x-acs-signature-nonce`, `x-acs-content-sha256` and `authorization`, and
/// puts the query into its canonical form.
///
/// Every present `x-acs-*` header is signed, also `x-acs-security-token` of temporary keys. Date and nonce must be new
/// on every attempt: the vendor refuses a repeated nonce.
///
/// # Errors
/// `account_keys_refused` when a header cannot hold the key id; `ErrorKind::Unexpected` when `parts` have no host.
///
/// # Examples
///
/// ```
/// use shared::{domain::AccountKeys, vendors::alibaba::sign::sign};
///
/// let keys = AccountKeys {
///     secret_id: "testAccessKeyId".into(),
///     secret_key_secret: "testAccessKeySecret".into(),
/// };
/// let request = http::Request::post("https://workorder.aliyuncs.com/")
///     .header("x-acs-action", "ListProducts")
///     .header("x-acs-version", "2021-06-10")
///     .body(())?;
/// let (mut parts, ()) = request.into_parts();
/// sign(&mut parts, b"", &keys, 1_768_465_800_000, "0f8fad5bd9cb469fa16570867728950e")?;
///
/// let authorization = parts.headers["authorization"].to_str()?;
/// assert!(authorization.starts_with("ACS3-HMAC-SHA256 Credential=testAccessKeyId,SignedHeaders=host;x-acs-action;"));
/// assert!(authorization.ends_with(
///     "Signature=a3be4882ed650e2b6d1c0bb19996041cf66c1eb7a7f1f08cbc6ec2c6a21ee4b9"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    signing::authorize(parts, Vendor::Alibaba, &authorization)
}

/// The canonical request, step 1 of
/// <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>:
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
pub fn canonical_request(parts: &Parts, content_sha256: &str) -> CanonicalRequest {
    let is_signed = |name: &str| matches!(name, "host" | "content-type") || name.starts_with("x-acs-");
    let query = encoding::canonical_query(parts);
    let head = [parts.method.as_str(), parts.uri.path(), &query];
    CanonicalRequest::new(head, signing::headers(parts, is_signed), content_sha256)
}

/// The string to sign, step 2 of
/// <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>:
///
/// ```text
/// ACS3-HMAC-SHA256
/// <lower-case hex SHA-256 of the canonical request>
/// ```
pub fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", digest::sha256_hex(canonical_request))
}

/// The signature, step 3 of
/// <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>; the key is used as it is,
/// nothing is derived from it:
///
/// ```text
/// lower-case hex( HMAC-SHA-256( AccessKey secret, string to sign ) )
/// ```
pub fn signature(secret: &str, string_to_sign: &str) -> String {
    digest::hex(&digest::hmac_sha256(secret.as_bytes(), string_to_sign.as_bytes()))
}

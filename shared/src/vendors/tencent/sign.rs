//! Signature `TC3-HMAC-SHA256`. Edits the request head only.
//!
//! The vendor's page: <https://cloud.tencent.com/document/api/213/30654>.

use http::{HeaderValue, header, request::Parts};

use crate::{
    digest,
    domain::{AccountKeys, Vendor},
    error::Result,
    vendors::{
        encoding,
        signing::{self, CanonicalRequest},
    },
};

const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// The end of the credential scope.
const TERMINATOR: &str = "tc3_request";

/// Signs `parts`: adds `host`, `x-tc-timestamp` and `authorization`. Signed are `content-type` and `host`, as the
/// official SDK does; a token of temporary keys (`x-tc-token`) is sent unsigned.
///
/// `service` is the product's short name: the first label of its own host, whatever host is called.
///
/// # Errors
/// `account_keys_refused` when a header cannot hold the key id; `ErrorKind::Unexpected` when `parts` have no host.
///
/// # Examples
///
/// ```
/// use shared::{domain::AccountKeys, vendors::tencent::sign::sign};
///
/// let keys =
///     AccountKeys { secret_id: "testSecretId".into(), secret_key_secret: "testSecretKey".into() };
/// let request = http::Request::post("https://sts.tencentcloudapi.com/")
///     .header("content-type", "application/json")
///     .header("x-tc-action", "GetCallerIdentity")
///     .body(())?;
/// let (mut parts, ()) = request.into_parts();
/// sign(&mut parts, b"{}", &keys, "sts", 1_700_000_000_000)?;
///
/// let authorization = parts.headers["authorization"].to_str()?;
/// assert!(authorization.starts_with(
///     "TC3-HMAC-SHA256 Credential=testSecretId/2023-11-14/sts/tc3_request, SignedHeaders=content-type;host, "
/// ));
/// assert!(authorization.ends_with(
///     "Signature=da4821eb4feacb029ba02826b859efc35b8486c06f077839ecf56ab9071cfd4c"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(parts: &mut Parts, body: &[u8], keys: &AccountKeys, service: &str, now_ms: i64) -> Result<()> {
    let timestamp = now_ms.div_euclid(1000);
    let scope = scope(service, now_ms)?;
    let host = encoding::host(parts)?;
    parts.headers.insert(header::HOST, host);
    parts.headers.insert("x-tc-timestamp", HeaderValue::from(timestamp));
    let canonical = canonical_request(parts, &digest::sha256_hex(body));
    let string_to_sign = string_to_sign(timestamp, &scope, &canonical.text);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
        keys.secret_id,
        canonical.signed_headers,
        signature(&keys.secret_key_secret, &scope, &string_to_sign)
    );
    signing::authorize(parts, Vendor::Tencent, &authorization)
}

/// The credential scope, `<UTC date>/<service>/tc3_request`. The date is the one of the timestamp in UTC, never local.
///
/// # Errors
/// `ErrorKind::Unexpected` when the time is out of range.
pub fn scope(service: &str, now_ms: i64) -> Result<String> {
    Ok(format!("{}/{service}/{TERMINATOR}", encoding::utc(now_ms, "%Y-%m-%d")?))
}

/// The canonical request (<https://cloud.tencent.com/document/api/213/30654>):
///
/// ```text
/// POST
/// /
/// <query: always empty>
/// content-type:<value, trimmed, lower case>
/// host:<value, trimmed, lower case>
///
/// content-type;host
/// <lower-case hex SHA-256 of the body>
/// ```
pub fn canonical_request(parts: &Parts, body_sha256: &str) -> CanonicalRequest {
    let mut headers = signing::headers(parts, |name| matches!(name, "content-type" | "host"));
    for (_, value) in &mut headers {
        *value = value.to_lowercase();
    }
    let head = [parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default()];
    CanonicalRequest::new(head, headers, body_sha256)
}

/// The string to sign (<https://cloud.tencent.com/document/api/213/30654>):
///
/// ```text
/// TC3-HMAC-SHA256
/// <timestamp, Unix seconds>
/// <scope>
/// <lower-case hex SHA-256 of the canonical request>
/// ```
pub fn string_to_sign(timestamp: i64, scope: &str, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{timestamp}\n{scope}\n{}", digest::sha256_hex(canonical_request))
}

/// The signature (<https://cloud.tencent.com/document/api/213/30654>); its key is derived along the scope, raw bytes
/// all the way:
///
/// ```text
/// k1 = HMAC-SHA-256( "TC3" + SecretKey, date )
/// k2 = HMAC-SHA-256( k1, service )
/// k3 = HMAC-SHA-256( k2, "tc3_request" )
/// lower-case hex( HMAC-SHA-256( k3, string to sign ) )
/// ```
pub fn signature(secret: &str, scope: &str, string_to_sign: &str) -> String {
    let start = format!("TC3{secret}").into_bytes();
    let key = scope.split('/').fold(start, |key, part| digest::hmac_sha256(&key, part.as_bytes()).to_vec());
    digest::hex(&digest::hmac_sha256(&key, string_to_sign.as_bytes()))
}

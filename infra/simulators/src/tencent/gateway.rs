//! Tencent's gateway: headers, key, clock window and the TC3 signature. Knows nothing of the actions.

use bytes::Bytes;
use http::{Method, Request};

use crate::keys::Keyring;
use crate::wire::{header, hex, hmac_sha256, sha256_hex, utc_text};

/// How far a timestamp may be off, in seconds.
const WINDOW_S: u64 = 300;

/// A call that does not pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TencentGatewayError {
    pub(super) code: &'static str,
    pub(super) message: String,
}

fn refuse(code: &'static str, message: &str) -> TencentGatewayError {
    TencentGatewayError { code, message: message.to_owned() }
}

/// The parts of `TC3-HMAC-SHA256 Credential={id}/{date}/{service}/tc3_request, SignedHeaders=…, Signature=…`.
struct TencentAuthorization<'a> {
    id: &'a str,
    date: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> TencentAuthorization<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("TC3-HMAC-SHA256 ")?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let signed_headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let mut scope = credential.split('/');
        let (id, date, service) = (scope.next()?, scope.next()?, scope.next()?);
        let whole = scope.next() == Some("tc3_request") && scope.next().is_none() && parts.next().is_none();
        whole.then_some(Self { id, date, service, signed_headers, signature })
    }
}

/// The service the call is signed for.
pub(super) fn service(request: &Request<Bytes>) -> Option<String> {
    Some(TencentAuthorization::parse(header(request, "authorization")?)?.service.to_owned())
}

/// Checks a call and gives the customer account.
pub(super) fn authorize(keys: &Keyring, request: &Request<Bytes>, now_ms: i64) -> Result<String, TencentGatewayError> {
    let invalid = |what: &str| refuse("AuthFailure.InvalidAuthorization", what);
    if request.method() != Method::POST || request.uri().path() != "/" {
        return Err(refuse("UnsupportedProtocol", "Only POST / is supported."));
    }
    for name in ["x-tc-action", "x-tc-version", "x-tc-timestamp", "content-type", "host"] {
        if header(request, name).is_none_or(str::is_empty) {
            return Err(refuse("MissingParameter", &format!("The request is missing the header `{name}`.")));
        }
    }
    let text = header(request, "authorization").ok_or_else(|| invalid("The authorization header is missing."))?;
    let authorization =
        TencentAuthorization::parse(text).ok_or_else(|| invalid("The authorization header is malformed."))?;
    let timestamp = header(request, "x-tc-timestamp").unwrap_or_default();
    let seconds: i64 = timestamp.parse().map_err(|_| invalid("X-TC-Timestamp is not a number of seconds."))?;
    let pair = keys.get(authorization.id).ok_or_else(|| {
        refuse(
            "AuthFailure.SecretIdNotFound",
            "The SecretId is not found, please ensure that your SecretId is correct.",
        )
    })?;
    if now_ms.div_euclid(1000).abs_diff(seconds) > WINDOW_S {
        return Err(refuse("AuthFailure.SignatureExpire", "The provided credentials are expired."));
    }
    let failure = || {
        let message = "The provided credentials could not be validated. Please check your signature is correct.";
        refuse("AuthFailure.SignatureFailure", message)
    };
    let date_matches = seconds.checked_mul(1000).is_some_and(|ms| utc_text(ms).starts_with(authorization.date));
    if authorization.date.len() != 10 || !date_matches || !host_fits(request, authorization.service) {
        return Err(failure());
    }
    let canonical = canonical_request(request, authorization.signed_headers).ok_or_else(failure)?;
    let scope = format!("{}/{}/tc3_request", authorization.date, authorization.service);
    let to_sign = format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let day = hmac_sha256(format!("TC3{}", pair.secret).as_bytes(), authorization.date.as_bytes());
    let signing = hmac_sha256(&hmac_sha256(&day, authorization.service.as_bytes()), b"tc3_request");
    if hex(&hmac_sha256(&signing, to_sign.as_bytes())) != authorization.signature {
        return Err(failure());
    }
    if pair.token.as_deref() != header(request, "x-tc-token") {
        return Err(refuse("AuthFailure.TokenFailure", "The token is invalid."));
    }
    Ok(pair.account.clone())
}

/// A host of the vendor's names its service; any other host (a local one) does not.
fn host_fits(request: &Request<Bytes>, service: &str) -> bool {
    let host = header(request, "host").unwrap_or_default();
    !host.ends_with("tencentcloudapi.com") || host.split('.').next() == Some(service)
}

/// The canonical request, or nothing when the list of signed headers is not acceptable.
fn canonical_request(request: &Request<Bytes>, signed_headers: &str) -> Option<String> {
    let names: Vec<_> = signed_headers.split(';').collect();
    let sorted = names.windows(2).all(|pair| pair[0] < pair[1]);
    if !sorted || !names.contains(&"content-type") || !names.contains(&"host") {
        return None;
    }
    let mut lines = String::new();
    for name in names {
        let value = header(request, name)?.to_lowercase();
        lines.push_str(&format!("{name}:{value}\n"));
    }
    let query = request.uri().query().unwrap_or_default();
    let body = sha256_hex(request.body());
    Some(format!("{}\n/\n{query}\n{lines}\n{signed_headers}\n{body}", request.method()))
}

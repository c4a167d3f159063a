//! Alibaba's gateway: headers, clock window, key, V3 signature, nonce, version, action.

use bytes::Bytes;
use http::{Method, Request};

use super::AlibabaFailure;
use crate::vendor_state::VendorState;
use crate::wire::{header, hex, hmac_sha256, pairs, parse_utc, percent_encode, sha256_hex};

/// How far a date may be off, and for how long a nonce is remembered on either side of it.
const WINDOW_MS: u64 = 15 * 60 * 1000;

const VERSION: &str = "2021-06-10";
/// Version of STS, of which [`IDENTITY`] is the only action.
const STS_VERSION: &str = "2015-04-01";
/// Says whose keys signed the call.
pub(super) const IDENTITY: &str = "GetCallerIdentity";

const ACTIONS: [&str; 11] = [
    "ListProducts",
    "ListCategories",
    "CreateTicket",
    "GetTicket",
    "ListTicketNotes",
    "CloseTicket",
    "ListTickets",
    "ReplyTicket",
    "ReopenTicket",
    "EvaluateTicket",
    "GetAttachmentUploadUrl",
];

/// Headers that must be there and signed, apart from `content-type` (with a body) and every other `x-acs-`.
const REQUIRED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];

/// Checks a call and gives the customer account.
pub(super) fn authorize(
    state: &mut VendorState,
    request: &Request<Bytes>,
    now_ms: i64,
) -> Result<String, AlibabaFailure> {
    if !matches!(*request.method(), Method::POST | Method::GET) || request.uri().path() != "/" {
        return Err(AlibabaFailure::gateway(404, "InvalidAction.NotFound", "Specified api is not found."));
    }
    let account = verify(state, request, now_ms)?;
    let action = header(request, "x-acs-action");
    let is_identity = action == Some(IDENTITY);
    if header(request, "x-acs-version") != Some(if is_identity { STS_VERSION } else { VERSION }) {
        return Err(AlibabaFailure::gateway(400, "NoSuchVersion", "The specified version does not exist."));
    }
    if !is_identity && !action.is_some_and(|action| ACTIONS.contains(&action)) {
        return Err(AlibabaFailure::gateway(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        ));
    }
    Ok(account)
}

/// The signature's part of the checks, up to the nonce.
pub(super) fn verify(state: &mut VendorState, request: &Request<Bytes>, now_ms: i64) -> Result<String, AlibabaFailure> {
    for name in REQUIRED {
        if header(request, name).is_none_or(str::is_empty) {
            return Err(AlibabaFailure::gateway(400, "MissingParameter", &format!("The header {name} is missing.")));
        }
    }
    let incomplete = |what: &str| AlibabaFailure::gateway(400, "IncompleteSignature", what);
    let authorization = header(request, "authorization").and_then(AlibabaAuthorization::parse);
    let authorization = authorization.ok_or_else(|| incomplete("The authorization header is missing or malformed."))?;
    let date = header(request, "x-acs-date").and_then(parse_utc).ok_or_else(|| {
        AlibabaFailure::gateway(
            400,
            "InvalidTimeStamp.Format",
            "Specified time stamp or date value is not well formatted.",
        )
    })?;
    let key = authorization.id;
    let pair = state.keys.get(key).ok_or_else(|| {
        AlibabaFailure::gateway(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    })?;
    let account = pair.account.clone();
    let signed: Vec<_> = authorization.signed_headers.split(';').collect();
    if !signed.windows(2).all(|two| two[0] < two[1]) {
        return Err(incomplete("The signed headers are not sorted."));
    }
    let unsigned = request
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .find(|name| must_sign(name, request) && !signed.contains(name));
    if let Some(name) = unsigned {
        return Err(incomplete(&format!("The header {name} is not signed.")));
    }
    let body_hash = sha256_hex(request.body());
    let canonical =
        canonical_request(request, &signed, &body_hash).ok_or_else(|| incomplete("A signed header is missing."))?;
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
    let expected = hex(&hmac_sha256(pair.secret.as_bytes(), to_sign.as_bytes()));
    if expected != authorization.signature || header(request, "x-acs-content-sha256") != Some(body_hash.as_str()) {
        let message =
            format!("Specified signature is not matched with our calculation. server string to sign is:{to_sign}");
        return Err(AlibabaFailure::gateway(400, "SignatureDoesNotMatch", &message));
    }
    if pair.token.as_deref() != header(request, "x-acs-security-token") {
        return Err(AlibabaFailure::gateway(
            400,
            "InvalidSecurityToken.MismatchWithAccessKey",
            "Specified SecurityToken mismatch with the AccessKey.",
        ));
    }
    if now_ms.abs_diff(date) > WINDOW_MS {
        return Err(AlibabaFailure::gateway(
            400,
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        ));
    }
    let nonce = format!("{key}/{}", header(request, "x-acs-signature-nonce").unwrap_or_default());
    if state.nonces.insert(nonce, now_ms).is_some() {
        return Err(AlibabaFailure::gateway(400, "SignatureNonceUsed", "Specified signature nonce was used already."));
    }
    if state.nonces.len().is_multiple_of(1024) {
        state.nonces.retain(|_, seen_ms| now_ms.abs_diff(*seen_ms) <= 2 * WINDOW_MS);
    }
    Ok(account)
}

fn must_sign(name: &str, request: &Request<Bytes>) -> bool {
    name == "host" || name.starts_with("x-acs-") || (name == "content-type" && !request.body().is_empty())
}

/// `ACS3-HMAC-SHA256 Credential={id},SignedHeaders=…,Signature=…`, without spaces behind the commas.
struct AlibabaAuthorization<'a> {
    id: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> AlibabaAuthorization<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("ACS3-HMAC-SHA256 ")?.split(',');
        let id = parts.next()?.strip_prefix("Credential=")?;
        let signed_headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        parts.next().is_none().then_some(Self { id, signed_headers, signature })
    }
}

fn canonical_request(request: &Request<Bytes>, signed: &[&str], body_hash: &str) -> Option<String> {
    let mut query = pairs(request.uri().query().unwrap_or_default(), true);
    query.sort();
    let query: Vec<_> =
        query.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    let mut lines = String::new();
    for name in signed {
        lines.push_str(&format!("{name}:{}\n", header(request, name)?));
    }
    let (method, query, signed) = (request.method(), query.join("&"), signed.join(";"));
    Some(format!("{method}\n/\n{query}\n{lines}\n{signed}\n{body_hash}"))
}

//! Huawei's gateway: routes, clock window, AK/SK signature, and the lock of a key that fails too often.

use bytes::Bytes;
use http::{Method, Request};

use super::HuaweiSettings;
use crate::files;
use crate::keys::Keyring;
use crate::wire::{header, hex, hmac_sha256, pairs, parse_utc, percent_decode, percent_encode, sha256_hex, utc_text};

/// How far a date may be off.
const WINDOW_MS: u64 = 15 * 60 * 1000;
/// More failed checks in a row than this lock the key,
const FAILURES: u32 = 5;
/// for so long.
const LOCK_MS: i64 = 5 * 60 * 1000;

const BASE: &str = "/v2/servicerequest/";

/// Says whose keys signed the call; an operation of IAM.
pub(super) const IDENTITY: &str = "KeystoneListAuthDomains";

/// Gives a file.
pub(super) const DOWNLOAD: &str = "DownloadAccessories";
/// Gives a link to a file.
pub(super) const ACCESS_URL: &str = "ShowDownloadAccessoryUrl";

/// Takes a file.
pub(super) const UPLOAD: &str = "UploadJsonAccessories";
/// Tells what files it takes.
pub(super) const LIMITS: &str = "ShowAccessoryLimits";

/// The longest body of a signed call.
const BODY_BYTES: usize = 12_000_000;

/// An operation, and the id of a ticket or file in its path, if any.
pub(super) struct HuaweiRoute {
    pub(super) operation: &'static str,
    pub(super) case: String,
}

/// Finds the operation of a method and path.
pub(super) fn route(request: &Request<Bytes>) -> Option<HuaweiRoute> {
    if request.method() == Method::GET && request.uri().path() == "/v3/auth/domains" {
        return Some(HuaweiRoute { operation: IDENTITY, case: String::new() });
    }
    if files::operation(request) == Some(files::GET_OBJECT) {
        return Some(HuaweiRoute { operation: files::GET_OBJECT, case: files::requested(request).to_owned() });
    }
    let rest = request.uri().path().strip_prefix(BASE)?;
    let parts: Vec<_> = rest.split('/').collect();
    let (operation, case) = match (request.method() == Method::POST, parts.as_slice()) {
        (false, ["config", "categories"]) => ("ListCaseCategories", ""),
        (false, ["config", "product-categories"]) => ("ListProductCategories", ""),
        (false, ["config", "problems"]) => ("ListProblemTypes", ""),
        (false, ["config", "regions"]) => ("ListRegions", ""),
        (false, ["config", "severities"]) => ("ListSeverities", ""),
        (false, ["config", "limits"]) => ("ListCaseLimits", ""),
        (false, ["config", "extends-map"]) => ("ListExtendsParams", ""),
        (false, ["config", "templates"]) => ("ListCaseTemplates", ""),
        (false, ["config", "satisfaction-dimensions"]) => ("ListSatisfactionDimensions", ""),
        (false, ["privileges"]) => ("ListPrivileges", ""),
        (false, ["privileges", "privilege-policy"]) => ("ShowCustomerPrivilegePolicy", ""),
        (false, ["agreements", "signed-latest"]) => ("ShowSignedLatestPublishedAgreement", ""),
        (false, ["verifycodes", "has-verified"]) => ("ListHasVerifiedContacts", ""),
        (false, ["quotas"]) => ("ListCaseQuotas", ""),
        (true, ["accessorys", "json-format-content"]) => (UPLOAD, ""),
        (false, ["accessorys", "limits"]) => (LIMITS, ""),
        (false, ["accessorys", accessory]) => (DOWNLOAD, *accessory),
        (false, ["accessorys", accessory, "access-url"]) => (ACCESS_URL, *accessory),
        (true, ["cases"]) => ("CreateCases", ""),
        (false, ["cases"]) => ("ListCases", ""),
        (false, ["cases", "instant-messages"]) => ("ListNewInstantMessages", ""),
        (false, ["cases", case]) => ("ShowCaseDetail", *case),
        (false, ["cases", case, "status"]) => ("ShowCaseStatus", *case),
        (false, ["cases", case, "messages"]) => ("ListMessages", *case),
        (true, ["cases", case, "message"]) => ("CreateMessages", *case),
        (true, ["cases", case, "action"]) => ("UpdateCases", *case),
        (true, ["cases", case, "score"]) => ("CreateScores", *case),
        (true, ["cases", case, "instant-messages", _, "withdraw"]) => ("RevokeMessage", *case),
        _ => return None,
    };
    let method_fits = matches!(*request.method(), Method::GET | Method::POST);
    method_fits.then(|| HuaweiRoute { operation, case: percent_decode(case) })
}

/// A call that does not pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HuaweiGatewayError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

fn unauthenticated(what: &str) -> HuaweiGatewayError {
    HuaweiGatewayError {
        status: 401,
        code: "APIGW.0301",
        message: format!("Incorrect IAM authentication information: {what}"),
    }
}

/// Checks a call and gives the customer account.
pub(super) fn authorize(
    keys: &mut Keyring,
    settings: &HuaweiSettings,
    request: &Request<Bytes>,
    now_ms: i64,
) -> Result<String, HuaweiGatewayError> {
    let Some(HuaweiRoute { operation, .. }) = route(request) else {
        let message = "The API does not exist or has not been published in the environment.".to_owned();
        return Err(HuaweiGatewayError { status: 404, code: "APIGW.0101", message });
    };
    let account = verify(keys, request, now_ms)?;
    let needs_domain = settings.require_domain_id && operation != IDENTITY;
    if needs_domain && header(request, "x-domain-id").is_none_or(str::is_empty) {
        return Err(unauthenticated("X-Domain-Id is missing"));
    }
    if request.body().len() > BODY_BYTES {
        let message = "The request body is too large.".to_owned();
        return Err(HuaweiGatewayError { status: 413, code: "APIGW.0201", message });
    }
    let is_json = header(request, "content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if !request.body().is_empty() && !is_json {
        let message = "Content-Type must be application/json".to_owned();
        return Err(HuaweiGatewayError { status: 400, code: "APIGW.0201", message });
    }
    Ok(account)
}

/// The signature's part of the checks.
pub(super) fn verify(keys: &mut Keyring, request: &Request<Bytes>, now_ms: i64) -> Result<String, HuaweiGatewayError> {
    let authorization = header(request, "authorization").and_then(HuaweiAuthorization::parse);
    let authorization = authorization.ok_or_else(|| unauthenticated("authorization header is missing or malformed"))?;
    let pair = keys.get_mut(authorization.key).ok_or_else(|| unauthenticated("AK access failed, AK does not exist"))?;
    if now_ms < pair.locked_until_ms {
        return Err(unauthenticated("AK is locked, too many failed authentications"));
    }
    match check(&authorization, pair.secret.as_bytes(), pair.token.as_deref(), request, now_ms) {
        Ok(()) => {
            pair.failures = 0;
            Ok(pair.account.clone())
        }
        Err(refusal) => {
            pair.failures += 1;
            if pair.failures > FAILURES {
                pair.failures = 0;
                pair.locked_until_ms = now_ms + LOCK_MS;
            }
            Err(refusal)
        }
    }
}

fn check(
    authorization: &HuaweiAuthorization<'_>,
    secret: &[u8],
    token: Option<&str>,
    request: &Request<Bytes>,
    now_ms: i64,
) -> Result<(), HuaweiGatewayError> {
    let names: Vec<_> = authorization.signed_headers.split(';').collect();
    if !names.contains(&"x-sdk-date") || !names.windows(2).all(|two| two[0] < two[1]) {
        return Err(unauthenticated("signed headers must be sorted and hold x-sdk-date"));
    }
    let date = header(request, "x-sdk-date").unwrap_or_default();
    let date_ms = parse_date(date).ok_or_else(|| unauthenticated("X-Sdk-Date format error"))?;
    if now_ms.abs_diff(date_ms) > WINDOW_MS {
        let server = utc_text(now_ms).replace(['-', ':'], "");
        let expired = format!("signature expired, signature time:{date},server time:{server}");
        return Err(unauthenticated(&format!("calc aksk signature fail:{expired}")));
    }
    let canonical = canonical_request(request, &names).ok_or_else(|| unauthenticated("a signed header is missing"))?;
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", sha256_hex(canonical.as_bytes()));
    if hex(&hmac_sha256(secret, to_sign.as_bytes())) != authorization.signature {
        let shown = canonical.replace('\n', "|");
        return Err(unauthenticated(&format!("verify aksk signature fail, canonicalRequest:{shown}")));
    }
    if token != header(request, "x-security-token") {
        return Err(unauthenticated("the security token is invalid"));
    }
    Ok(())
}

/// `SDK-HMAC-SHA256 Access={key}, SignedHeaders=…, Signature=…`.
struct HuaweiAuthorization<'a> {
    key: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> HuaweiAuthorization<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("SDK-HMAC-SHA256 ")?.split(", ");
        let key = parts.next()?.strip_prefix("Access=")?;
        let signed_headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        parts.next().is_none().then_some(Self { key, signed_headers, signature })
    }
}

/// Reads `20240102T030405Z`.
fn parse_date(text: &str) -> Option<i64> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let (day, time) = (text.get(..8)?, text.get(9..15)?);
    let spread = format!(
        "{}-{}-{}{}{}:{}:{}{}",
        day.get(..4)?,
        day.get(4..6)?,
        day.get(6..)?,
        text.get(8..9)?,
        time.get(..2)?,
        time.get(2..4)?,
        time.get(4..)?,
        text.get(15..)?
    );
    parse_utc(&spread)
}

fn canonical_request(request: &Request<Bytes>, names: &[&str]) -> Option<String> {
    let segments = request.uri().path().split('/').map(|segment| percent_encode(&percent_decode(segment)));
    let mut path = segments.collect::<Vec<_>>().join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    // A plus is a plus here, so that a client that writes a space so is refused.
    let mut query = pairs(request.uri().query().unwrap_or_default(), false);
    query.sort();
    let query: Vec<_> =
        query.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    let mut lines = String::new();
    for name in names {
        lines.push_str(&format!("{name}:{}\n", header(request, name)?));
    }
    let unsigned_body = names.contains(&"x-sdk-content-sha256")
        && header(request, "x-sdk-content-sha256") == Some("UNSIGNED-PAYLOAD")
        && !request.body().is_empty();
    let hash = if unsigned_body { "UNSIGNED-PAYLOAD".to_owned() } else { sha256_hex(request.body()) };
    let (method, query, signed) = (request.method(), query.join("&"), names.join(";"));
    Some(format!("{method}\n{path}\n{query}\n{lines}\n{signed}\n{hash}"))
}

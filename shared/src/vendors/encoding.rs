//! Percent-encoding as in the vendors' signers, and values that signers share. Knows no vendor.

use http::{HeaderValue, request::Parts, uri::PathAndQuery};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Result};

/// Everything but the unreserved characters `A-Z a-z 0-9 - _ . ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `text` percent-encoded, space as `%20`.
pub fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `text` percent-decoded; bytes that are not UTF-8 are replaced.
pub fn unpercent(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Name-value pairs as a query, sorted by name and then value, compared unencoded.
pub fn query<T: AsRef<str> + Ord>(mut pairs: Vec<(T, T)>) -> String {
    pairs.sort();
    joined(&pairs, percent)
}

/// Name-value pairs as a form body, sorted by name as in Alibaba's Python SDK: space as `+`.
pub fn form(mut pairs: Vec<(String, String)>) -> String {
    let encoded = |text: &str| percent(text).replace("%20", "+");
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    joined(&pairs, encoded)
}

fn joined<T: AsRef<str>>(pairs: &[(T, T)], encoded: impl Fn(&str) -> String) -> String {
    let pair = |(name, value): &(T, T)| format!("{}={}", encoded(name.as_ref()), encoded(value.as_ref()));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The query of `parts` in its canonical form: decoded, sorted, encoded again. A name without a value gets `=`.
pub fn canonical_query(parts: &Parts) -> String {
    let raw = parts.uri.query().unwrap_or_default();
    let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unpercent(name), unpercent(value))
    });
    query(pairs.collect())
}

/// Puts the canonical query into the URI, so that the sent query is the signed one.
pub fn send_canonical_query(parts: &mut Parts) -> Result<()> {
    let query = canonical_query(parts);
    let target = if query.is_empty() { parts.uri.path().to_owned() } else { format!("{}?{query}", parts.uri.path()) };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(not_a_head)?);
    parts.uri = http::Uri::from_parts(uri).map_err(not_a_head)?;
    Ok(())
}

/// The value of the Host header: the URI's authority, with its port if it has one. A URI without a host is a defect.
pub fn host(parts: &Parts) -> Result<HeaderValue> {
    let authority = parts.uri.authority().ok_or_else(|| Error::unexpected("A vendor request has no host."))?;
    header(authority.as_str())
}

/// A header value; a failure is a defect, as the text is ours.
pub fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(not_a_head)
}

/// `now_ms` (Unix milliseconds) in UTC, in a `strftime` format; fails when the time is out of range.
pub fn utc(now_ms: i64, format: &str) -> Result<String> {
    let time = Timestamp::from_millisecond(now_ms)
        .map_err(|source| Error::unexpected("The clock is far off.").with_source(source))?;
    Ok(time.strftime(format).to_string())
}

fn not_a_head(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unexpected("A vendor request's head could not be built.").with_source(source)
}

//! Small pieces every gateway check needs: digests, hex, percent-encoding, parameters, headers.
//!
//! Written for the simulators alone: nothing here is shared with the clients they check.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// Everything but `A-Z a-z 0-9 - _ . ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is accepted by HMAC; the empty answer can never equal a signature.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub(crate) fn percent_decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Name-value pairs of a query or form in their order; `plus_is_space` as HTML forms have it.
pub(crate) fn pairs(text: &str, plus_is_space: bool) -> Vec<(String, String)> {
    let decode = |part: &str| {
        if plus_is_space { percent_decode(&part.replace('+', " ")) } else { percent_decode(part) }
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// A header's value, empty when it is not text.
pub(crate) fn header<'a, B>(request: &'a http::Request<B>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or_default().trim())
}

/// An id of 32 hex digits, as the vendors have, always the same for the same seed.
pub(crate) fn hex_id(seed: &str) -> String {
    let mut id = sha256_hex(seed.as_bytes());
    id.truncate(32);
    id
}

/// A request id in the form of a UUID, always the same for the same number.
pub(crate) fn uuid(seed: &str, number: u64) -> String {
    let id = hex_id(&format!("{seed}/{number}"));
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}

/// Seconds since 1970 as `2024-05-01T03:30:52Z`.
pub(crate) fn utc_text(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default().to_string()
}

/// Reads `2024-05-01T03:30:52Z` (exactly that form) as Unix milliseconds.
pub(crate) fn parse_utc(text: &str) -> Option<i64> {
    let well_formed = text.len() == 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    let at: jiff::Timestamp = if well_formed {
        text.parse().ok()?
    } else {
        return None;
    };
    Some(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_strict() {
        assert_eq!(parse_utc("2024-05-01T03:30:52Z"), Some(1_714_534_252_000));
        assert_eq!(utc_text(1_714_534_252_999), "2024-05-01T03:30:52Z");
        assert_eq!(parse_utc("2024-05-01 03:30:52Z"), None);
        assert_eq!(parse_utc("2024-05-01T03:30:52+00:00"), None);
    }

    #[test]
    fn a_plus_is_a_space_only_in_forms() {
        assert_eq!(pairs("a+b=c%2B+d", true), [("a b".to_owned(), "c+ d".to_owned())]);
        assert_eq!(pairs("a=b+c&e", false), [("a".to_owned(), "b+c".to_owned()), ("e".to_owned(), String::new())]);
        assert_eq!(percent_encode("a b+*~/工"), "a%20b%2B%2A~%2F%E5%B7%A5");
    }
}

//! The access key of one start.

use std::{fmt, io};

use http::{HeaderMap, Uri, header::AUTHORIZATION};

/// A secret that is made at each start of a program. `Debug` prints a mark.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey(String);

impl AccessKey {
    /// A new key.
    ///
    /// # Errors
    ///
    /// The machine has no randomness.
    pub fn random() -> io::Result<Self> {
        random_text().map(Self)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the request has the key as `Authorization: Bearer <key>`.
    #[must_use]
    pub fn is_bearer(&self, headers: &HeaderMap) -> bool {
        authorization(headers).and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|key| self.is(key))
    }

    /// Whether the request is signed with the key as access key id: `Credential=<key>/<date>/…`. The signature is not
    /// checked: only who has the key can name it.
    #[must_use]
    pub fn is_credential(&self, headers: &HeaderMap) -> bool {
        let value = authorization(headers).and_then(|value| value.strip_prefix("AWS4-HMAC-SHA256 "));
        let credential =
            value.and_then(|value| value.split(',').find_map(|part| part.trim().strip_prefix("Credential=")));
        credential.and_then(|credential| credential.split('/').next()).is_some_and(|key| self.is(key))
    }

    /// Whether the link is signed with the key as access key id: `X-Amz-Credential=<key>/<date>/…`.
    #[must_use]
    pub fn is_in_link(&self, link: &Uri) -> bool {
        let mut pairs = link.query().unwrap_or_default().split('&');
        let credential = pairs.find_map(|pair| pair.strip_prefix("X-Amz-Credential="));
        // `/` is encoded in a query.
        credential.and_then(|credential| credential.split(['/', '%']).next()).is_some_and(|key| self.is(key))
    }

    /// Compares all bytes, so that the time of a refusal does not tell how many of them were right.
    fn is(&self, other: &str) -> bool {
        let differences = self.0.bytes().zip(other.bytes()).fold(0, |found, (one, two)| found | (one ^ two));
        self.0.len() == other.len() && differences == 0
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey(**)")
    }
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()
}

/// 128 random bits as 32 lower-case hex digits.
///
/// # Errors
///
/// The machine has no randomness.
pub fn random_text() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn only_the_whole_key_in_its_place_is_accepted() {
        let key = AccessKey("0123abcd".into());
        for (value, bearer, credential) in [
            ("Bearer 0123abcd", true, false),
            ("AWS4-HMAC-SHA256 Credential=0123abcd/20260101/us-east-1/sqs/aws4_request, Signature=0", false, true),
            ("AWS4-HMAC-SHA256 SignedHeaders=host, Credential=0123abcd/20260101", false, true),
            ("AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request, Signature=0123abcd", false, false),
            ("AWS4-HMAC-SHA256 Credential=0123abc/20260101", false, false),
            ("Credential=0123abcd/20260101", false, false),
            ("Bearer 0123abce", false, false),
            ("Bearer 0123abc", false, false),
            ("Bearer 0123abcd0", false, false),
            ("Bearer ", false, false),
            ("0123abcd", false, false),
        ] {
            let headers = headers(value);
            assert_eq!((key.is_bearer(&headers), key.is_credential(&headers)), (bearer, credential), "{value}");
        }
        assert!(!key.is_bearer(&HeaderMap::new()) && !key.is_credential(&HeaderMap::new()));
    }

    #[test]
    fn a_link_names_the_whole_key() {
        let key = AccessKey("0123abcd".into());
        for (link, is_in_it) in [
            ("/b/f?X-Amz-Credential=0123abcd%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0", true),
            ("/b/f?x=1&X-Amz-Credential=0123abcd/20260101", true),
            ("/b/f?X-Amz-Credential=0123abc%2F20260101", false),
            ("/b/f?Credential=0123abcd%2F20260101", false),
            ("/b/0123abcd", false),
        ] {
            assert_eq!(key.is_in_link(&link.parse().unwrap()), is_in_it, "{link}");
        }
    }

    #[test]
    fn each_key_is_another_one_and_is_not_printed() {
        let (one, two) = (AccessKey::random().unwrap(), AccessKey::random().unwrap());
        assert_eq!(one.as_str().len(), 32);
        assert_ne!(one, two);
        assert_eq!(format!("{one:?}"), "AccessKey(**)");
    }
}

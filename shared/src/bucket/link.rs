//! Links to objects, signed for a short time.
//!
//! The form of a signed link: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use std::time::{Duration, SystemTime};

use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    config::AwsConfig,
    error::{Error, Result},
};

/// What every file of a message is to a browser: bytes without a meaning. It comes from outside, and must not run in a
/// page.
const CONTENT_TYPE: &str = "application/octet-stream";

/// Everything but the unreserved characters, as signatures have it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request that a link allows. Its key has ASCII letters, digits, `/`, `.`, `-` and `_` only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed<'a> {
    pub method: &'a Method,
    pub bucket: &'a str,
    pub key: &'a str,
    /// Parameters of the query, as they are.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers that the request must have, with these values.
    pub headers: &'a [(&'a str, &'a str)],
}

/// The parameters by which a browser saves the object as a file with that name.
pub(super) fn saved_as(name: &str) -> [(&'static str, String); 2] {
    [("response-content-disposition", disposition(name)), ("response-content-type", CONTENT_TYPE.to_owned())]
}

/// A link by which whoever has it may make that request until `lifetime` after `now_ms` (Unix milliseconds).
pub(super) fn signed_link(aws: &AwsConfig, allowed: &Allowed<'_>, lifetime: Duration, now_ms: i64) -> Result<String> {
    let base = match &aws.files_endpoint {
        Some(endpoint) => format!("{endpoint}/{}", allowed.bucket),
        None => format!("https://{}.s3.{}.{}", allowed.bucket, aws.region, domain(&aws.region)),
    };
    let mut link = format!("{base}/{}", allowed.key);
    for (name, value) in allowed.query {
        add_parameter(&mut link, name, value);
    }

    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = aws.credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&aws.region)
        .name("s3")
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or_default()))
        .settings(settings)
        .build()
        .map_err(not_signed)?
        .into();
    let headers = allowed.headers.iter().copied();
    let request = SignableRequest::new(allowed.method.as_str(), &link, headers, SignableBody::UnsignedPayload);
    let (signed, _) = sign(request.map_err(not_signed)?, &params).map_err(not_signed)?.into_parts();
    for (name, value) in signed.params() {
        add_parameter(&mut link, name, value);
    }
    Ok(link)
}

fn add_parameter(link: &mut String, name: &str, value: &str) {
    link.push(if link.contains('?') { '&' } else { '?' });
    link.push_str(name);
    link.push('=');
    link.extend(utf8_percent_encode(value, RESERVED));
}

/// The domain of AWS's hosts in the partition of the region.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// That the file is saved, under its name: in ASCII for clients that know no other, and as it is (RFC 6266).
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, RESERVED))
}

fn not_signed(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unexpected("A link could not be signed.").with_source(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// The example of AWS's page, but for the two parameters of the response.
    fn config(region: &str, token: Option<&str>) -> Config {
        let settings = [
            ("TABLE_NAME", "t"),
            ("SECRETS_PREFIX", "p/"),
            ("EVENT_BUS_NAME", "b"),
            ("CURSOR_KEY", "k"),
            ("AWS_REGION", region),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("AWS_SESSION_TOKEN", token.unwrap_or_default()),
            ("FILES_BUCKET", "examplebucket"),
        ];
        let lookup = |name: &str| {
            let found = settings.iter().find(|(known, value)| *known == name && !value.is_empty());
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::from_lookup(lookup).unwrap()
    }

    fn download_link(config: &Config, key: &str, name: &str, now_ms: i64) -> String {
        let saved_as = saved_as(name);
        let query = [(saved_as[0].0, &*saved_as[0].1), (saved_as[1].0, &*saved_as[1].1)];
        let bucket = config.files_bucket.as_deref().unwrap();
        let allowed = Allowed { method: &Method::GET, bucket, key, query: &query, headers: &[] };
        signed_link(&config.aws, &allowed, Duration::from_secs(300), now_ms).unwrap()
    }

    #[test]
    fn a_link_is_signed_for_five_minutes_and_names_the_file() {
        let key = "attachments/T1/a1/__.log";
        let link = download_link(&config("us-east-1", None), key, "日志 \"1\".log", 1_369_353_600_000);
        let (target, query) = link.split_once('?').unwrap();
        assert_eq!(target, "https://examplebucket.s3.us-east-1.amazonaws.com/attachments/T1/a1/__.log");
        for part in [
            "response-content-type=application%2Foctet-stream",
            "response-content-disposition=attachment%3B%20filename%3D%22____1_.log%22%3B%20\
             filename%2A%3DUTF-8%27%27%25E6%2597%25A5%25E5%25BF%2597%2520%25221%2522.log",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
            "X-Amz-Date=20130524T000000Z",
            "X-Amz-Expires=300",
            "X-Amz-SignedHeaders=host",
        ] {
            assert!(query.split('&').any(|one| one == part), "{part} in {link}");
        }
        assert!(!link.contains("wJalr") && !link.contains("Security-Token"));
    }

    #[test]
    fn a_link_has_the_session_and_the_hosts_of_its_region() {
        let link = download_link(&config("cn-north-1", Some("session+1")), "a/b", "b", 1_369_353_600_000);
        assert!(link.starts_with("https://examplebucket.s3.cn-north-1.amazonaws.com.cn/a/b?"), "{link}");
        assert!(link.contains("&X-Amz-Security-Token=session%2B1"), "{link}");
    }

    #[test]
    fn headers_of_the_request_are_signed() {
        let headers = [("content-length", "5"), ("content-type", "text/plain")];
        let allowed = Allowed { method: &Method::PUT, bucket: "b", key: "uploads/1", query: &[], headers: &headers };
        let link = signed_link(&config("us-east-1", None).aws, &allowed, Duration::from_secs(60), 0).unwrap();
        assert!(link.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{link}");
    }
}

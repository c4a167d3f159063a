//! Links to files, which a vendor signs for a short time: the same link has another signature in each reading.

use std::borrow::Cow;

/// The parameters of a link that change with its signature, in lower case: those of OSS, OBS, COS and S3.
const SIGNATURE_NAMES: [&str; 8] = [
    "accesskeyid",
    "awsaccesskeyid",
    "expires",
    "ossaccesskeyid",
    "response-expires",
    "security-token",
    "signature",
    "sign",
];
const SIGNATURE_PREFIXES: [&str; 5] = ["x-oss-", "x-obs-", "x-cos-", "x-amz-", "q-"];

/// `text` with its links' signatures left out, so that it is the same in every reading.
pub fn without_signatures(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return text.into();
    }
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (link, rest) = part.split_at(part.find(|c| !is_of_link(c)).unwrap_or(part.len()));
        plain.push_str("://");
        match link.split_once('?') {
            None => plain.push_str(link),
            Some((path, query)) => {
                plain.push_str(path);
                for parameter in query.split('&').filter(|parameter| !is_signature(parameter)) {
                    plain.push('?');
                    plain.push_str(parameter);
                }
            }
        }
        plain.push_str(rest);
    }
    plain.into()
}

/// Whether a link may hold the character: others, such as Chinese ones, end it.
fn is_of_link(c: char) -> bool {
    c.is_ascii_graphic() && !"\"'<>()[]{}|\\^`".contains(c)
}

fn is_signature(parameter: &str) -> bool {
    // In rich text `&` is `&amp;`.
    let name = parameter.strip_prefix("amp;").unwrap_or(parameter);
    let name = name.split('=').next().unwrap_or_default().to_ascii_lowercase();
    SIGNATURE_NAMES.contains(&&*name) || SIGNATURE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_of_a_link_does_not_count() {
        let link = |query: &str| format!("见 <a href=\"https://a.aliyuncs.com/f.png{query}\">f</a>，谢谢");
        for query in ["?Expires=1&OSSAccessKeyId=k&Signature=s", "?Expires=2&amp;Signature=t", "?x-oss-date=1"] {
            assert_eq!(without_signatures(&link(query)), link(""), "{query}");
        }
    }

    #[test]
    fn any_other_change_counts() {
        for (one, other) in [
            ("https://a.cn/?instance=i-1", "https://a.cn/?instance=i-2"),
            ("见 https://a.cn/p?id=1，先不要重启", "见 https://a.cn/p?id=1，可以重启了"),
            ("https://a.cn/?Expires=1 a", "https://a.cn/?Expires=1 b"),
            ("https://a.cn/1?Expires=1", "https://a.cn/2?Expires=1"),
            ("http://a.cn/", "https://a.cn/"),
        ] {
            assert_ne!(without_signatures(one), without_signatures(other), "{one}");
        }
    }
}

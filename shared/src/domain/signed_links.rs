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
    with_queries(text, |query| Some(others(query).map(|parameter| format!("?{parameter}")).collect()))
}

/// `text` with the links in it that are signed without their signatures, so that nothing in it expires or opens a file.
/// A link is signed when it has a signature and another parameter of one; any other link stays as it is.
pub fn unsigned(text: &str) -> Cow<'_, str> {
    with_queries(text, |query| {
        is_signed(query).then(|| match others(query).collect::<Vec<_>>().join("&").trim_start_matches("amp;") {
            "" => String::new(),
            others => format!("?{others}"),
        })
    })
}

/// `text` with another query, with its `?`, in each link for whose query `of` gives one.
fn with_queries(text: &str, of: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    if !text.contains("://") {
        return text.into();
    }
    let mut parts = text.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (link, rest) = part.split_at(part.find(|c| !is_of_link(c)).unwrap_or(part.len()));
        plain.push_str("://");
        match link.split_once('?').and_then(|(path, query)| Some((path, of(query)?))) {
            None => plain.push_str(link),
            Some((path, query)) => {
                plain.push_str(path);
                plain.push_str(&query);
            }
        }
        plain.push_str(rest);
    }
    plain.into()
}

/// The parameters that do not change with the signature.
fn others(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|parameter| !is_signature(parameter))
}

fn is_signed(query: &str) -> bool {
    let parts: Vec<&str> = query.split('&').filter(|parameter| is_signature(parameter)).collect();
    let signs = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.ends_with("signature") || name.ends_with("sign")
    };
    parts.len() > 1 && parts.iter().any(signs)
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
    fn a_signed_link_loses_its_signature() {
        for (text, plain) in [
            ("无链接", "无链接"),
            (
                "见 <a href=\"https://a.aliyuncs.com/f?Expires=1&amp;OSSAccessKeyId=k&amp;Signature=s%3D\">f</a>",
                "见 <a href=\"https://a.aliyuncs.com/f\">f</a>",
            ),
            ("https://a.cn/f?Expires=1&id=2&amp;n=3&Signature=s，谢谢", "https://a.cn/f?id=2&amp;n=3，谢谢"),
            ("https://a.cn/f?Signature=s&Expires=1&amp;n=3", "https://a.cn/f?n=3"),
            ("https://a.cn/f?q-sign-algorithm=sha1&q-ak=k&q-signature=s", "https://a.cn/f"),
            ("https://a.cn/f?X-Amz-Date=1&X-Amz-Signature=s#top", "https://a.cn/f"),
            ("https://a.cn/f?sign=1&page=2", "https://a.cn/f?sign=1&page=2"),
            ("https://a.cn/f?expires=1&q-1=2", "https://a.cn/f?expires=1&q-1=2"),
        ] {
            assert_eq!(unsigned(text), plain, "{text}");
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

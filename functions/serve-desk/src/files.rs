//! The files below `web`, as they were when the program was built. A path is looked up among theirs and is never one of
//! a file system.

use http::{HeaderMap, header::ACCEPT_ENCODING};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The content type of a page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// What stands in `index.html` for the address of all files.
const ASSETS: &str = "{assets}";

/// A file below `web`.
pub(crate) struct WebFile {
    /// Its path there.
    pub path: &'static str,
    /// The start of its digest.
    tag: &'static str,
    content: &'static [u8],
    /// Compressed; empty where that is not shorter.
    gzip: &'static [u8],
}

/// What is answered of a file.
pub(crate) struct Representation<'a> {
    pub content_type: &'static str,
    /// Its entity tag, with the quotes.
    pub tag: String,
    pub body: &'a [u8],
    pub is_gzip: bool,
}

impl<'a> Representation<'a> {
    /// An uncompressed one.
    pub fn of(content_type: &'static str, tag: String, body: &'a [u8]) -> Self {
        Self { content_type, tag, body, is_gzip: false }
    }
}

impl WebFile {
    /// The file with this path.
    pub fn find(path: &str) -> Option<&'static Self> {
        let number = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
        FILES.get(number)
    }

    /// The form of it that these request headers ask for. A tag names one form (RFC 9110, section 8.8.3).
    pub fn representation(&self, headers: &HeaderMap) -> Representation<'static> {
        let content_type = content_type(self.path);
        match !self.gzip.is_empty() && takes_gzip(headers) {
            true => {
                let tag = format!("\"{}-gzip\"", self.tag);
                Representation { content_type, tag, body: self.gzip, is_gzip: true }
            }
            false => Representation::of(content_type, format!("\"{}\"", self.tag), self.content),
        }
    }
}

/// The digest over all files, which is part of their addresses.
pub(crate) fn digest() -> &'static str {
    DIGEST
}

/// All files.
#[cfg(test)]
pub(crate) fn all() -> &'static [WebFile] {
    FILES
}

/// The page, with the address of the files in it. It is so short that it is not compressed.
pub(crate) fn index() -> Option<String> {
    let text = std::str::from_utf8(WebFile::find("index.html")?.content).ok()?;
    Some(text.replace(ASSETS, &format!("/desk/assets/{DIGEST}")))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => HTML,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether the request takes gzip: it names it, and not with the weight 0 (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_where_it_is_named_and_has_a_weight() {
        for (value, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("identity", false),
            ("x-gzip", false),
            ("", false),
            ("gzip;q=x", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().unwrap())]);
            assert_eq!(takes_gzip(&headers), takes, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn every_file_has_a_known_type() {
        assert!(!FILES.is_empty());
        for file in FILES {
            assert_ne!(content_type(file.path), "application/octet-stream", "{}", file.path);
            assert_eq!(WebFile::find(file.path).map(|found| found.tag), Some(file.tag), "{}", file.path);
        }
        assert_eq!(DIGEST.len(), 32);
    }
}

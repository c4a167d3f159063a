//! Files of a schedule: their names and bytes say which one it is, and which version of it.

use bytes::Bytes;
use simulators::FileContent;

/// The name of a file.
pub fn name(number: u64) -> String {
    format!("file-{number}.png")
}

/// The bytes of a version of a file, of which all have the same length.
pub fn content(number: u64, version: u64) -> Bytes {
    Bytes::from(format!("<file {number} version {version:03}>"))
}

/// The same as the vendors' simulators take it.
pub fn at_vendor(number: u64, version: u64) -> FileContent {
    FileContent::Text(String::from_utf8_lossy(&content(number, version)).into_owned())
}

/// Whether the bytes are a whole version of the file with that name.
pub fn is_whole(name: &str, bytes: &[u8]) -> bool {
    let number = name.strip_prefix("file-").and_then(|rest| rest.strip_suffix(".png"));
    let text = String::from_utf8_lossy(bytes);
    let version = number.and_then(|number| text.strip_prefix(&format!("<file {number} version ")));
    version.and_then(|rest| rest.strip_suffix('>')).is_some_and(|version| version.parse::<u64>().is_ok())
}

//! Files that stay whole in a crash: a write replaces the file by renaming a new one.

use std::{io, path::Path};

/// Writes a new file and renames it to `path`.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    std::fs::write(&new, content)?;
    std::fs::rename(&new, path)
}

/// The content of `path`; none when there is no such file.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        content => content.map(Some),
    }
}

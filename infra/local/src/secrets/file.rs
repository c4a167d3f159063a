//! The file that secrets outlive a restart in. Readable for its owner only; replaced whole or not at all.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use super::state::Secrets;

const OWNER_ONLY: u32 = 0o600;

/// The secrets in `path`; none when there is no such file.
pub(super) fn read(path: &Path) -> io::Result<Secrets> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            // The parser's own words could hold a secret.
            let place = format!("line {} column {}", error.line(), error.column());
            io::Error::new(ErrorKind::InvalidData, format!("{} is not understood at {place}", path.display()))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Secrets::default()),
        Err(error) => Err(error),
    }
}

/// Writes beside `path`, to the disk, then takes its place.
pub(super) fn write(path: &Path, secrets: &Secrets) -> io::Result<()> {
    let mut name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&new)?;
    // A file left by a crash keeps the mode it had.
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
    file.write_all(&serde_json::to_vec(secrets)?)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

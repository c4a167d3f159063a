//! The file that keeps the secrets over a restart. Only its owner can read it; a write replaces it as a whole.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use super::state::SecretStore;

const OWNER_ONLY: u32 = 0o600;

/// The secrets in `path`; none when there is no such file.
pub(super) fn read(path: &Path) -> io::Result<SecretStore> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            // The parser's message can quote a secret.
            let place = format!("line {} column {}", error.line(), error.column());
            io::Error::new(ErrorKind::InvalidData, format!("{} is not valid at {place}", path.display()))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(SecretStore::default()),
        Err(error) => Err(error),
    }
}

/// Writes and syncs a new file beside `path`, then renames it to `path`.
pub(super) fn write(path: &Path, secrets: &SecretStore) -> io::Result<()> {
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

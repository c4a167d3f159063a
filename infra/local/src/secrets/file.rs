//! The file that keeps the secrets over a restart. Only its owner can read it; a write replaces it as a whole.

use std::{
    io::{self, ErrorKind},
    path::Path,
};

use loopback::private_file;

use super::state::SecretStore;

/// The secrets in `path`; none when there is no such file.
pub(super) fn read(path: &Path) -> io::Result<SecretStore> {
    let Some(bytes) = private_file::read(path)? else { return Ok(SecretStore::default()) };
    serde_json::from_slice(&bytes).map_err(|error| {
        // The parser's message can quote a secret.
        let place = format!("line {} column {}", error.line(), error.column());
        io::Error::new(ErrorKind::InvalidData, format!("{} is not valid at {place}", path.display()))
    })
}

/// Replaces the file, on the disk too: nobody else has these keys.
pub(super) fn write(path: &Path, secrets: &SecretStore) -> io::Result<()> {
    private_file::replace_synced(path, &serde_json::to_vec(secrets)?)
}

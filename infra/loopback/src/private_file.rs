//! Files (0600) and folders (0700) that only their owner can read, from before they have any content.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// A new, empty file. One that is there already is removed: somebody may have it open.
///
/// # Errors
///
/// The file can't be made.
pub fn create(path: &Path) -> io::Result<File> {
    allow_missing(fs::remove_file(path))?;
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// A new, empty folder. One that is there already is removed with its content.
///
/// # Errors
///
/// The folder can't be made.
pub fn create_folder(path: &Path) -> io::Result<()> {
    allow_missing(fs::remove_dir_all(path))?;
    DirBuilder::new().mode(FOLDER_MODE).create(path)
}

/// The folder with what is in it, taken from everybody but its owner; a new one when there is none.
///
/// # Errors
///
/// The folder can't be made, or belongs to another user.
pub fn open_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE))
        }
        result => result,
    }
}

/// Takes the file from everybody but its owner. No error when there is no file.
///
/// # Errors
///
/// The file belongs to another user.
pub fn restrict(path: &Path) -> io::Result<()> {
    allow_missing(fs::set_permissions(path, Permissions::from_mode(FILE_MODE)))
}

/// The content of the file; none when there is no file. It is [restricted](restrict) first, as is a new one that a
/// crash left beside it.
///
/// # Errors
///
/// The file can't be read, or belongs to another user.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    restrict(path)?;
    restrict(&new_path(path))?;
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        content => content.map(Some),
    }
}

/// Writes a new file beside `path` and renames it to `path`, so that a crash leaves the old content or the new one.
///
/// # Errors
///
/// The file can't be written.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = new_path(path);
    create(&new)?.write_all(content)?;
    fs::rename(&new, path)
}

/// [`replace`] that also survives a power failure.
///
/// # Errors
///
/// The file can't be written.
pub fn replace_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = new_path(path);
    let mut file = create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn new_path(path: &Path) -> PathBuf {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    new.into()
}

fn allow_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// A folder of one test, removed at its end.
    struct TestFolder(PathBuf);

    impl TestFolder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("loopback-{name}-{}", std::process::id()));
            create_folder(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for TestFolder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    /// A file as an earlier version or another program left it.
    fn readable_by_all(path: &Path) {
        fs::write(path, "old").unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    }

    #[test]
    fn a_file_is_private_whoever_made_it_before() {
        let scratch = TestFolder::new("files");
        let file = scratch.0.join("file");
        assert_eq!(read(&file).unwrap(), None);
        replace(&file, b"one").unwrap();
        assert_eq!((mode(&file), read(&file).unwrap()), (0o600, Some(b"one".to_vec())));
        let new = scratch.0.join("file.new");
        readable_by_all(&file);
        readable_by_all(&new);
        assert_eq!((read(&file).unwrap(), mode(&file), mode(&new)), (Some(b"old".to_vec()), 0o600, 0o600));
        readable_by_all(&file);
        readable_by_all(&new);
        replace_synced(&file, b"two").unwrap();
        assert_eq!((mode(&file), read(&file).unwrap()), (0o600, Some(b"two".to_vec())));
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
    }

    #[test]
    fn who_has_the_old_file_open_does_not_see_the_new_content() {
        let scratch = TestFolder::new("open");
        let file = scratch.0.join("file");
        readable_by_all(&file);
        let mut open = File::open(&file).unwrap();
        create(&file).unwrap().write_all(b"secret").unwrap();
        let mut seen = String::new();
        open.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "old");
    }

    #[test]
    fn a_folder_is_private() {
        let scratch = TestFolder::new("folders");
        let folder = scratch.0.join("folder");
        fs::create_dir(&folder).unwrap();
        readable_by_all(&folder.join("file"));
        create_folder(&folder).unwrap();
        assert_eq!((mode(&folder), fs::read_dir(&folder).unwrap().count()), (0o700, 0));

        fs::write(folder.join("file"), "old").unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        open_folder(&folder).unwrap();
        assert_eq!((mode(&folder), fs::read_dir(&folder).unwrap().count()), (0o700, 1));
        let new = scratch.0.join("new");
        open_folder(&new).unwrap();
        assert_eq!(mode(&new), 0o700);
        assert_eq!(mode(&scratch.0), 0o700);
    }
}

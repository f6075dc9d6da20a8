//! The key of an endpoint.
//!
//! It authenticates connections and nothing else: it is never a wallet's key, which may be in
//! hardware and which no network code should be able to read. The file holds 64 hexadecimal digits
//! and has the mode 0600.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use iroh::SecretKey;
use tempfile::NamedTempFile;

use super::NetError;

/// The file in the state folder.
const FILE_NAME: &str = "endpoint.key";
/// A key file is larger than this only by mistake.
const MAX_FILE_BYTES: u64 = 1_000;

/// Reads the endpoint's key from this folder; if there is none, generates and stores one.
///
/// # Errors
/// If the file cannot be read or written, is damaged, or can be read by other users.
pub fn load_or_create_key(folder: &Path) -> Result<SecretKey, NetError> {
    let path = folder.join(FILE_NAME);

    match File::open(&path) {
        Ok(file) => read_key(&path, &file),
        Err(error) if error.kind() == ErrorKind::NotFound => create_key(folder, &path),
        Err(source) => Err(NetError::KeyFile { action: "open", path, source }),
    }
}

fn read_key(path: &Path, mut file: &File) -> Result<SecretKey, NetError> {
    let file_error =
        |action| move |source| NetError::KeyFile { action, path: path.to_owned(), source };
    let invalid = |problem: String| NetError::InvalidKey { path: path.to_owned(), problem };

    let metadata = file.metadata().map_err(file_error("inspect"))?;
    check_mode(path, &metadata)?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(invalid(format!("it has {} bytes", metadata.len())));
    }

    // From the file that was checked: the path may lead to another one by now.
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(file_error("read"))?;
    parse_hex(text.trim()).map(|bytes| SecretKey::from_bytes(&bytes)).ok_or_else(|| {
        invalid(format!("it has {} characters, not 64 hexadecimal digits", text.trim().len()))
    })
}

/// Writes the key to a temporary file, which nobody else can read, and renames it: a crash leaves
/// no half key. If another process was quicker, returns its key.
fn create_key(folder: &Path, path: &Path) -> Result<SecretKey, NetError> {
    let file_error =
        |action| move |source| NetError::KeyFile { action, path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(file_error("create the folder of"))?;

    let key = SecretKey::generate();
    let mut hex: String = key.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    hex.push('\n');

    let mut staged = NamedTempFile::new_in(folder).map_err(file_error("create"))?;
    staged.write_all(hex.as_bytes()).map_err(file_error("write"))?;
    staged.as_file().sync_all().map_err(file_error("flush"))?;

    match staged.persist_noclobber(path) {
        Ok(_) => Ok(key),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => load_or_create_key(folder),
        Err(error) => Err(file_error("create")(error.error)),
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), NetError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(NetError::ExposedKey { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), NetError> {
    Ok(())
}

fn parse_hex(hex: &str) -> Option<[u8; 32]> {
    nosana_job_spec::Digest::from_hex(hex).map(|digest| digest.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_created_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let key = load_or_create_key(&state).unwrap();

        assert_eq!(load_or_create_key(&state).unwrap().to_bytes(), key.to_bytes());
        let other = load_or_create_key(&folder.path().join("other")).unwrap();
        assert_ne!(other.to_bytes(), key.to_bytes());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_a_key() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        load_or_create_key(folder.path()).unwrap();
        let path = folder.path().join(FILE_NAME);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = load_or_create_key(folder.path()).unwrap_err();
        assert!(matches!(error, NetError::ExposedKey { mode: 0o640, .. }), "{error}");
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create_key(folder.path()).unwrap();
        let path = folder.path().join(FILE_NAME);

        for damage in ["", "12", &"z".repeat(64), &"a".repeat(2_000)] {
            let file = File::options().write(true).truncate(true).open(&path).unwrap();
            (&file).write_all(damage.as_bytes()).unwrap();
            let error = load_or_create_key(folder.path()).unwrap_err();
            assert!(matches!(error, NetError::InvalidKey { .. }), "{error}");
        }
    }
}

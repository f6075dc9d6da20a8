//! Puts files, folders and archives into a work folder, before the first command runs.

use std::{
    fs::{self, Permissions},
    io::{Cursor, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use tar::{Archive, Entry, EntryType};

use crate::{SandboxError, Scratch, disk::MAX_DEPTH, error::io};

/// The most entries of one archive.
const MAX_ENTRIES: usize = 200_000;
/// What a folder takes on most disks, in bytes. Names imply folders, so a small archive can create
/// many.
const FOLDER_BYTES: u64 = 4096;
/// The most of a name that an error quotes, in characters.
const MAX_NAME_CHARS: usize = 100;
/// The types of entries that are unpacked. GNU tar's sparse files get their holes back.
const ALLOWED_TYPES: [EntryType; 6] = [
    EntryType::Regular,
    EntryType::Continuous,
    EntryType::GNUSparse,
    EntryType::Directory,
    EntryType::Symlink,
    EntryType::Link,
];
/// How the names of records begin that describe a sparse file in a pax archive.
const PAX_SPARSE: &str = "GNU.sparse.";

impl Scratch {
    /// Puts a file into the work folder, readable and executable. Only before the first command.
    ///
    /// # Errors
    /// If the path leaves the work folder or goes through a symbolic link, or writing fails.
    pub fn put_file(&self, path: &str, content: &[u8]) -> Result<(), SandboxError> {
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        let parent = self.make_folder(parent.to_str().unwrap_or_default())?;
        let name = Path::new(path).file_name().ok_or_else(|| bad_path(path, "it names no file"))?;
        let target = parent.join(name);

        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .open(&target)
            .map_err(io("create", &target))?;
        file.write_all(content).map_err(io("write", &target))?;
        file.set_permissions(Permissions::from_mode(0o755)).map_err(io("open", &target))?;

        self.give_to_owner(&target)
    }

    /// Unpacks a tar archive in a folder of the work folder. Only before the first command.
    ///
    /// # Errors
    /// If it is not a valid archive, contains more than `max_bytes` or anything but files, folders
    /// and links, or an entry leaves the folder.
    pub fn unpack_archive(
        &self,
        path: &str,
        archive: &[u8],
        max_bytes: u64,
    ) -> Result<(), SandboxError> {
        let folder = self.make_folder(path)?;
        let refuse = |problem: String| SandboxError::Archive { path: path.to_owned(), problem };

        let mut archive = Archive::new(Cursor::new(archive));
        let entries = archive.entries().map_err(|error| refuse(error.to_string()))?;
        let mut checks = EntryChecks::new(max_bytes);
        for entry in entries {
            let mut entry = entry.map_err(|error| refuse(error.to_string()))?;
            let Some(name) = checks.check_entry(&mut entry).map_err(refuse)? else { continue };

            // False if the path leaves the folder; an error if it goes through a link that does.
            match entry.unpack_in(&folder) {
                Ok(true) => {}
                Ok(false) => return Err(refuse(format!("`{name}` is outside of it"))),
                Err(error) => return Err(refuse(format!("`{name}`: {error}"))),
            }
        }

        self.give_all_to_owner(&folder)
    }

    /// Creates a folder of the work folder, and those above it. Only before the first command.
    ///
    /// # Errors
    /// If the path leaves the work folder, or a file or a link is in the way.
    pub fn make_folder(&self, path: &str) -> Result<PathBuf, SandboxError> {
        let mut folder = self.work_folder();

        for part in Path::new(path).components() {
            match part {
                Component::CurDir => continue,
                Component::Normal(name) => folder.push(name),
                _ => return Err(bad_path(path, "it leaves the work folder")),
            }
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(bad_path(path, "a file or a link is in the way")),
                Err(_) => {
                    fs::create_dir(&folder).map_err(io("create", &folder))?;
                    self.give_to_owner(&folder)?;
                }
            }
        }
        Ok(folder)
    }
}

/// Checks that a node could unpack this archive within `max_bytes`, as far as its entries show.
/// Unpacks nothing.
///
/// # Errors
/// The reason, if it could not.
pub fn check_archive(archive: impl Read, max_bytes: u64) -> Result<(), String> {
    let mut archive = Archive::new(archive);
    let mut checks = EntryChecks::new(max_bytes);

    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        checks.check_entry(&mut entry)?;
    }
    Ok(())
}

/// The checks of one archive's entries, in order.
struct EntryChecks {
    max_bytes: u64,
    /// The bytes that the archive may still take.
    left_bytes: u64,
    entries: usize,
    /// Path of the entry before.
    last_path: PathBuf,
}

impl EntryChecks {
    fn new(max_bytes: u64) -> Self {
        Self { max_bytes, left_bytes: max_bytes, entries: 0, last_path: PathBuf::new() }
    }

    /// Returns the name of an entry that can be unpacked; `None` if it holds nothing.
    fn check_entry(&mut self, entry: &mut Entry<'_, impl Read>) -> Result<Option<String>, String> {
        let entry_type = entry.header().entry_type();
        // `git archive` writes one first, with a comment.
        if entry_type == EntryType::XGlobalHeader {
            return Ok(None);
        }

        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !ALLOWED_TYPES.contains(&entry_type) {
            return Err(format!("`{name}` is neither a file nor a folder nor a link"));
        }
        if is_pax_sparse(entry) {
            return Err(format!("`{name}` is a sparse file of a kind that is not supported"));
        }
        self.count_entry(&name, entry.size())?;
        Ok(Some(name))
    }

    fn count_entry(&mut self, name: &str, size_bytes: u64) -> Result<(), String> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(format!("it has more than {MAX_ENTRIES} entries"));
        }
        if Path::new(name).components().count() > MAX_DEPTH {
            let start: String = name.chars().take(MAX_NAME_CHARS).collect();
            return Err(format!("`{start}…` is more than {MAX_DEPTH} folders deep"));
        }
        self.take_bytes(PathBuf::from(name), size_bytes).ok_or_else(|| {
            format!("it has more bytes than the job's disk limit, {}", self.max_bytes)
        })
    }

    /// Subtracts an entry, and the folders of its path that the entry before does not share.
    /// Returns `None` if it takes more than is left.
    fn take_bytes(&mut self, path: PathBuf, size_bytes: u64) -> Option<()> {
        let shared = path
            .components()
            .zip(self.last_path.components())
            .take_while(|(this, last)| this == last)
            .count();
        let folders = path.components().count().saturating_sub(shared + 1) as u64;
        self.last_path = path;

        let taken_bytes = size_bytes.saturating_add(folders * FOLDER_BYTES);
        self.left_bytes = self.left_bytes.checked_sub(taken_bytes)?;
        Some(())
    }
}

/// Returns whether a pax archive describes the entry as a sparse file: its content would be a map of
/// its holes.
fn is_pax_sparse(entry: &mut Entry<'_, impl Read>) -> bool {
    let Ok(Some(extensions)) = entry.pax_extensions() else { return false };
    extensions.flatten().any(|it| it.key().is_ok_and(|key| key.starts_with(PAX_SPARSE)))
}

fn bad_path(path: &str, problem: &str) -> SandboxError {
    SandboxError::Path { path: path.to_owned(), problem: problem.to_owned() }
}

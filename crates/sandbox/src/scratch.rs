//! One job's folders: the work folder, its `/tmp`, and the few files of its `/etc`.

use std::{
    fs::{self, Permissions},
    io::{Cursor, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{PermissionsExt, lchown},
    },
    path::{Component, Path, PathBuf},
};

use tar::{Archive, EntryType};

use crate::{SandboxError, disk::MAX_DEPTH, error::io, leftovers, tree};

/// The most entries of one archive.
const MAX_ENTRIES: usize = 200_000;
/// What a folder takes on most disks, in bytes. Names imply folders, so a small archive can make
/// many.
const FOLDER_BYTES: u64 = 4096;

/// Files that programs expect in `/etc`. They tell nothing of the host.
const ETC: [(&str, &str); 4] = [
    ("passwd", "root:x:0:0:root:/root:/bin/sh\nsandbox:x:1000:1000:sandbox:/work/.home:/bin/sh\n"),
    ("group", "root:x:0:\nsandbox:x:1000:\n"),
    ("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
    ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
];

/// One job's folders. They are deleted when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    owner: Option<u32>,
    /// Tells that this folder is in use. Let go last.
    _lock: OwnedFd,
}

impl Scratch {
    pub(crate) fn new(parent: &Path, owner: Option<u32>) -> Result<Self, SandboxError> {
        let (folder, lock) = leftovers::make(parent).map_err(io("use", parent))?;
        let scratch = Self { folder, owner, _lock: lock };
        // Another user runs the commands: its group may pass through, but not look around, and
        // nobody else may do either, whatever the job opens further down.
        let base = &scratch.folder;
        let mode = if owner.is_some() { 0o710 } else { 0o700 };
        lchown(base, None, owner).map_err(io("give away", base))?;
        fs::set_permissions(base, Permissions::from_mode(mode)).map_err(io("close", base))?;
        let etc = scratch.etc();
        for folder in [scratch.work(), scratch.tmp(), scratch.work().join(".home"), etc.clone()] {
            fs::create_dir(&folder).map_err(io("make", &folder))?;
            fs::set_permissions(&folder, Permissions::from_mode(0o700))
                .map_err(io("close", &folder))?;
            scratch.give(&folder)?;
        }
        for (name, content) in ETC {
            let path = etc.join(name);
            fs::write(&path, content).map_err(io("write", &path))?;
        }
        let (host, resolv) = (Path::new("/etc/resolv.conf"), etc.join("resolv.conf"));
        fs::write(&resolv, fs::read(host).unwrap_or_default()).map_err(io("write", &resolv))?;
        Ok(scratch)
    }

    /// The work folder on the host; commands see it as `/work`.
    pub fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    pub(crate) fn etc(&self) -> PathBuf {
        self.folder.join("etc")
    }

    /// Puts a file into the work folder, readable and executable. Only before the first command.
    ///
    /// # Errors
    /// If the path leaves the work folder or goes through a symbolic link, or the disk refuses.
    pub fn put_file(&self, path: &str, content: &[u8]) -> Result<(), SandboxError> {
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        let parent = self.make_folder(parent.to_str().unwrap_or_default())?;
        let name = Path::new(path).file_name().ok_or_else(|| bad_path(path, "it names no file"))?;
        let target = parent.join(name);
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .open(&target)
            .map_err(io("make", &target))?;
        file.write_all(content).map_err(io("write", &target))?;
        file.set_permissions(Permissions::from_mode(0o755)).map_err(io("open", &target))?;
        self.give(&target)
    }

    /// Unpacks a tar archive in a folder of the work folder. Only before the first command.
    ///
    /// # Errors
    /// If it is no archive, holds more than `max_bytes`, anything but files, folders and links, or
    /// would write outside of the folder.
    pub fn unpack(&self, path: &str, archive: &[u8], max_bytes: u64) -> Result<(), SandboxError> {
        let folder = self.make_folder(path)?;
        let refuse = |problem: String| SandboxError::Archive { path: path.to_owned(), problem };
        let mut archive = Archive::new(Cursor::new(archive));
        let mut left = max_bytes;
        let mut last = PathBuf::new();
        for (index, entry) in
            archive.entries().map_err(|error| refuse(error.to_string()))?.enumerate()
        {
            let mut entry = entry.map_err(|error| refuse(error.to_string()))?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let plain =
                [EntryType::Regular, EntryType::Directory, EntryType::Symlink, EntryType::Link];
            // What `git archive` writes in front: a comment.
            if entry.header().entry_type() == EntryType::XGlobalHeader {
                continue;
            }
            if !plain.contains(&entry.header().entry_type()) {
                return Err(refuse(format!("`{name}` is neither a file nor a folder nor a link")));
            }
            if index >= MAX_ENTRIES {
                return Err(refuse(format!("it has more than {MAX_ENTRIES} entries")));
            }
            let path = PathBuf::from(&name);
            if path.components().count() > MAX_DEPTH {
                let start: String = name.chars().take(100).collect();
                return Err(refuse(format!("`{start}…` is more than {MAX_DEPTH} folders deep")));
            }
            // Those that it does not share with the entry before.
            let shared = path
                .components()
                .zip(last.components())
                .take_while(|(this, last)| this == last)
                .count();
            let folders = path.components().count().saturating_sub(shared + 1) as u64;
            last = path;
            left = left
                .checked_sub(entry.size().saturating_add(folders * FOLDER_BYTES))
                .ok_or_else(|| {
                    refuse(format!("it holds more than the job's disk limit, {max_bytes} bytes"))
                })?;
            // False where the path leaves the folder; an error where it goes through a link that
            // does.
            match entry.unpack_in(&folder) {
                Ok(true) => {}
                Ok(false) => return Err(refuse(format!("`{name}` is outside of it"))),
                Err(error) => return Err(refuse(format!("`{name}`: {error}"))),
            }
        }
        self.give_all(&folder)
    }

    /// Makes a folder of the work folder, and those above it. Only before the first command.
    ///
    /// # Errors
    /// If the path leaves the work folder, or something that is no folder is in its way.
    pub fn make_folder(&self, path: &str) -> Result<PathBuf, SandboxError> {
        let mut folder = self.work();
        for part in Path::new(path).components() {
            match part {
                Component::CurDir => continue,
                Component::Normal(name) => folder.push(name),
                _ => return Err(bad_path(path, "it leaves the work folder")),
            }
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(bad_path(path, "a file or a link is in its way")),
                Err(_) => {
                    fs::create_dir(&folder).map_err(io("make", &folder))?;
                    self.give(&folder)?;
                }
            }
        }
        Ok(folder)
    }

    /// Makes the user who runs commands the owner.
    fn give(&self, path: &Path) -> Result<(), SandboxError> {
        self.owner.map_or(Ok(()), |owner| {
            lchown(path, Some(owner), Some(owner)).map_err(io("give away", path))
        })
    }

    /// Folder by folder, and not one within the other: archives hold deep ones.
    fn give_all(&self, path: &Path) -> Result<(), SandboxError> {
        self.give(path)?;
        let mut folders = vec![path.to_owned()];
        while let Some(folder) = folders.pop().filter(|_| self.owner.is_some()) {
            for entry in fs::read_dir(&folder).map_err(io("list", &folder))? {
                let entry = entry.map_err(io("list", &folder))?;
                self.give(&entry.path())?;
                if entry.file_type().map_err(io("look at", &folder))?.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is found when a sandbox is opened the next time.
        let _ = tree::delete(&self.folder);
    }
}

fn bad_path(path: &str, problem: &str) -> SandboxError {
    SandboxError::Path { path: path.to_owned(), problem: problem.to_owned() }
}

//! One job's folders: the work folder, its `/tmp`, and the few files of its `/etc`.

use std::{
    array,
    fs::{self, Permissions},
    os::{
        fd::OwnedFd,
        unix::fs::{PermissionsExt, lchown},
    },
    path::{Path, PathBuf},
};

use crate::{
    SandboxError,
    error::io,
    filter::{CallFilter, PROGRAM_COUNT},
    leftovers, tree,
    users::AssignedUser,
};

/// Files that programs expect in `/etc`. They reveal nothing about the host.
const ETC_FILES: [(&str, &str); 4] = [
    ("passwd", "root:x:0:0:root:/root:/bin/sh\nsandbox:x:1000:1000:sandbox:/work/.home:/bin/sh\n"),
    ("group", "root:x:0:\nsandbox:x:1000:\n"),
    ("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
    ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
];

/// An empty file of the folder `etc`, which covers files that commands must not read.
pub(crate) const EMPTY_FILE: &str = "empty";
/// What everyone can read. The folder around the files is closed to other users.
const READABLE: u32 = 0o644;

/// One job's folders. They are deleted on drop.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    /// The user who runs the commands, if it is not the node's. Free again after the drop.
    owner: Option<AssignedUser>,
    /// Marks the folder as in use. The last field, so that it is released last.
    _lock: OwnedFd,
}

impl Scratch {
    pub(crate) fn new(parent: &Path, owner: Option<AssignedUser>) -> Result<Self, SandboxError> {
        let (folder, lock) = leftovers::create_locked(parent).map_err(io("use", parent))?;
        let scratch = Self { folder, owner, _lock: lock };

        scratch.close_base()?;
        scratch.create_folders()?;
        scratch.write_etc()?;
        Ok(scratch)
    }

    /// Returns the work folder on the host; commands see it as `/work`.
    pub fn work_folder(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Returns the user who runs the commands, if it is not the node's.
    pub(crate) fn owner(&self) -> Option<u32> {
        self.owner.as_ref().map(|owner| owner.id)
    }

    pub(crate) fn tmp_folder(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    pub(crate) fn etc_folder(&self) -> PathBuf {
        self.folder.join("etc")
    }

    /// Returns the files with the programs of the filter, which commands do not see.
    pub(crate) fn filter_files(&self) -> [PathBuf; PROGRAM_COUNT] {
        array::from_fn(|index| self.folder.join(format!("filter-{index}")))
    }

    pub(crate) fn write_filter(&self, filter: &CallFilter) -> Result<(), SandboxError> {
        let files = self.filter_files();
        files
            .iter()
            .zip(&*filter.programs)
            .try_for_each(|(path, program)| write_readable(path, program))
    }

    /// Closes the folder that contains the others. If another user runs the commands, its group may
    /// pass through, but not list it. No other user may do either, whatever the job opens below it.
    fn close_base(&self) -> Result<(), SandboxError> {
        let base = &self.folder;
        let mode = if self.owner.is_some() { 0o710 } else { 0o700 };

        lchown(base, None, self.owner()).map_err(io("change the group of", base))?;
        fs::set_permissions(base, Permissions::from_mode(mode)).map_err(io("close", base))
    }

    fn create_folders(&self) -> Result<(), SandboxError> {
        let work = self.work_folder();
        let home = work.join(".home");

        for folder in [work, self.tmp_folder(), home, self.etc_folder()] {
            fs::create_dir(&folder).map_err(io("create", &folder))?;
            fs::set_permissions(&folder, Permissions::from_mode(0o700))
                .map_err(io("close", &folder))?;
            self.give_to_owner(&folder)?;
        }
        Ok(())
    }

    fn write_etc(&self) -> Result<(), SandboxError> {
        let etc = self.etc_folder();
        for (name, content) in ETC_FILES.into_iter().chain([(EMPTY_FILE, "")]) {
            write_readable(&etc.join(name), content.as_bytes())?;
        }

        let content = fs::read("/etc/resolv.conf").unwrap_or_default();
        write_readable(&etc.join("resolv.conf"), &content)
    }

    /// Makes the user who runs commands the owner of a file or folder.
    pub(crate) fn give_to_owner(&self, path: &Path) -> Result<(), SandboxError> {
        self.owner().map_or(Ok(()), |owner| {
            lchown(path, Some(owner), Some(owner)).map_err(io("change the owner of", path))
        })
    }

    /// Makes the user who runs commands the owner of a folder and everything in it. Goes folder by
    /// folder and not recursively: archives contain deep ones.
    pub(crate) fn give_all_to_owner(&self, path: &Path) -> Result<(), SandboxError> {
        self.give_to_owner(path)?;

        let mut folders = vec![path.to_owned()];
        while let Some(folder) = folders.pop().filter(|_| self.owner.is_some()) {
            for entry in fs::read_dir(&folder).map_err(io("list", &folder))? {
                let entry = entry.map_err(io("list", &folder))?;
                self.give_to_owner(&entry.path())?;
                if entry.file_type().map_err(io("read", &folder))?.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        Ok(())
    }
}

/// Writes a file that the user who runs commands can read, whatever the node's `umask`.
fn write_readable(path: &Path, content: &[u8]) -> Result<(), SandboxError> {
    fs::write(path, content).map_err(io("write", path))?;
    fs::set_permissions(path, Permissions::from_mode(READABLE)).map_err(io("open", path))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is deleted when a sandbox is opened the next time.
        let _ = tree::delete_tree(&self.folder);
    }
}

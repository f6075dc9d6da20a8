//! The folder that keeps what must outlive a node's process, locked by one process at a time.

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use solana_address::Address;

/// A node's part of the state folder. The lock is released when this is dropped, and when the
/// process dies.
#[derive(Debug)]
pub(crate) struct StateFolder {
    journal: PathBuf,
    terms: PathBuf,
    network: PathBuf,
    ballots: PathBuf,
    _lock: File,
}

impl StateFolder {
    /// Takes the lock of the node with this authority. Creates the folder if it is missing.
    ///
    /// # Errors
    /// If another process works with the same key in this folder, or if the folder is not writable.
    pub(crate) fn open(folder: &Path, authority: &Address) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| {
            format!("cannot make the folder {}: name another with --state", folder.display())
        })?;

        let path = folder.join(format!("node-{authority}.lock"));
        // Any user who can open the file could lock it and prevent the node from starting.
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| {
                format!("cannot write {}: name another folder with --state", path.display())
            })?;

        match lock.try_lock() {
            Ok(()) => {
                let file = |kind: &str| folder.join(format!("node-{authority}{kind}.json"));
                let network = folder.join(format!("node-{authority}"));
                fs::create_dir_all(&network)
                    .with_context(|| format!("cannot make the folder {}", network.display()))?;
                let [journal, terms, ballots] = ["", ".terms", ".ballots"].map(file);
                Ok(Self { journal, terms, network, ballots, _lock: lock })
            }
            Err(TryLockError::WouldBlock) => bail!(
                "another process works with the key {authority} (it holds {}): end that process \
                 first, or run this one with another --keypair",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// The file of the node's journal.
    pub(crate) fn journal_path(&self) -> &Path {
        &self.journal
    }

    /// The folder of the endpoint: its key, and what is kept for others.
    pub(crate) fn network_folder(&self) -> &Path {
        &self.network
    }

    /// The file of the node's votes in disputes.
    pub(crate) fn ballots_path(&self) -> &Path {
        &self.ballots
    }

    /// The file of the terms that the node's owner accepted.
    pub(crate) fn terms_path(&self) -> &Path {
        &self.terms
    }
}

#[cfg(test)]
mod tests {
    use solana_address::Address;

    use super::StateFolder;

    #[test]
    fn one_process_per_key() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let held = StateFolder::open(folder.path(), &one).unwrap();
        let refused = StateFolder::open(folder.path(), &one).unwrap_err().to_string();
        assert!(refused.contains("another process works with the key"), "{refused}");
        StateFolder::open(folder.path(), &other).unwrap();
        drop(held);
        StateFolder::open(folder.path(), &one).unwrap();
    }
}

//! Blocks that have arrived and are not in the store yet.
//!
//! They are in one file beside the store's own temporary files, each with its length before it, in
//! the order of the walk. The file is locked while a transfer uses it. The store's garbage
//! collection removes what nobody continues.
//!
//! | module | purpose |
//! | --- | --- |
//! | `file` | such a file: whether it is still there, and its blocks |
//! | `rests` | removes files that nobody continues |

mod file;
mod rests;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use nosana_job_spec::{ContentId, Digest};
use nosana_store::{Store, StoreError};

use self::file::{is_file_at, read_staged};
pub(super) use self::rests::remove_rests;
use super::{ContentError, ContentRefusal, TreeError, tree::TreeWalk};

/// Where the files are, and how their names begin.
const FOLDER: &str = "staging";
const PREFIX: &str = "incoming-";

/// An object that is being received.
pub(super) struct StagedObject {
    store: Store,
    walk: TreeWalk,
    path: PathBuf,
    file: File,
    blocks: Vec<StagedBlock>,
    /// The end of the last good block.
    end: u64,
    /// The end at the beginning of this attempt.
    resumed_at: u64,
}

struct StagedBlock {
    id: ContentId,
    offset: u64,
    length: usize,
}

impl StagedObject {
    /// Opens what has arrived of this object, if anything, and checks it.
    ///
    /// # Errors
    /// If another transfer has it open, or the disk fails.
    pub(super) fn open(
        store: &Store,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<Self, ContentError> {
        let path = store.folder().join(FOLDER).join(format!("{PREFIX}{object}"));
        let file = File::options().read(true).append(true).create(true).open(&path)?;

        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ContentError::Running),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // Who had it locked before may have removed it.
        if !is_file_at(&file, &path)? {
            return Err(ContentError::Running);
        }

        let mut staged = Self {
            store: store.clone(),
            walk: TreeWalk::new(object, max_bytes),
            path,
            file,
            blocks: Vec::new(),
            end: 0,
            resumed_at: 0,
        };
        match staged.replay_blocks() {
            Ok(()) => Ok(staged),
            Err(error) => {
                staged.discard();
                // An earlier attempt had a higher limit: not the fault of this peer.
                let is_too_large = matches!(error, ContentError::Wrong(TreeError::TooLarge { .. }));
                Err(if is_too_large { ContentRefusal::TooLarge.into() } else { error })
            }
        }
    }

    /// Walks over the blocks in the file, and cuts off an incomplete or damaged rest.
    fn replay_blocks(&mut self) -> Result<(), ContentError> {
        let mut reader = BufReader::new(self.file.try_clone()?);
        reader.seek(SeekFrom::Start(0))?;

        while let Some(next) = self.walk.next_block()? {
            let Some(block) = read_staged(&mut reader)? else { break };
            if Digest::of(&block) != Digest(next.digest()) {
                break;
            }
            self.walk.accept_block(&block)?;
            self.record_block(next, block.len());
        }

        // Also without an effect it would change the time by which an unused file is collected.
        if self.file.metadata()?.len() != self.end {
            self.file.set_len(self.end)?;
        }
        self.resumed_at = self.end;
        Ok(())
    }

    /// The number of blocks that have arrived.
    pub(super) const fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The size that the root declares; none before the root has arrived.
    pub(super) fn declared_bytes(&self) -> Option<u64> {
        self.walk.declared_bytes()
    }

    pub(super) fn is_complete(&self) -> Result<bool, TreeError> {
        self.walk.next_block().map(|next| next.is_none())
    }

    /// Checks a block and appends it.
    pub(super) fn accept_block(&mut self, block: &[u8]) -> Result<(), ContentError> {
        let Some(next) = self.walk.next_block()? else { return Err(ContentError::Excess) };
        self.walk.accept_block(block)?;

        let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(block)?;
        self.record_block(next, block.len());
        Ok(())
    }

    fn record_block(&mut self, id: ContentId, length: usize) {
        self.blocks.push(StagedBlock { id, offset: self.end + 4, length });
        self.end += 4 + length as u64;
    }

    /// Puts the complete object into the store, children before parents, and removes the file.
    pub(super) fn commit(mut self) -> Result<(), ContentError> {
        for at in (0..self.blocks.len()).rev() {
            let Some(StagedBlock { id, offset, length }) = self.blocks.get(at) else { continue };
            let mut block = vec![0; *length];
            self.file.seek(SeekFrom::Start(*offset))?;
            self.file.read_exact(&mut block)?;

            // The disk may have changed it.
            let stored = self.store.put_block(&block)?;
            if stored != *id {
                return Err(StoreError::Forged { id: *id }.into());
            }
        }
        fs::remove_file(&self.path)?;
        Ok(())
    }

    /// Removes what has arrived in this attempt.
    pub(super) fn discard(mut self) {
        // What cannot be removed is checked again by the next attempt, or collected as garbage.
        let _ = self.file.set_len(self.resumed_at);
        self.end = self.resumed_at;
    }
}

impl Drop for StagedObject {
    /// Leaves no empty file. It is still locked, so nobody else uses it.
    fn drop(&mut self) {
        if self.end == 0 {
            let _ = fs::remove_file(&self.path);
        }
    }
}

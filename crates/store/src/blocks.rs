//! Single blocks, on disk and from the IPFS node.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;

use tempfile::NamedTempFile;

use nosana_job_spec::{ContentId, Digest};

use crate::{
    MAX_BLOCK_BYTES, Store, StoreError,
    error::io_error,
    folder::{create_folder, sync_folder},
    garbage::touch_file,
};

impl Store {
    /// Stores one block unchanged, for example one from an IPFS node, and returns its identifier.
    pub fn put_block(&self, block: &[u8]) -> Result<ContentId, StoreError> {
        check_size(block, || "a block".into())?;
        let id = ContentId::from(Digest::of(block));

        match self.read_local_block(&id) {
            Ok(_) => {}
            // A damaged block is replaced, so storing the content again repairs the store.
            Err(
                StoreError::NotFound { .. }
                | StoreError::Corrupted { .. }
                | StoreError::TooLarge { .. },
            ) => self.write_local_block(&id, block)?,
            Err(other) => return Err(other),
        }

        if let Some(ipfs) = &self.ipfs {
            ipfs.put_block(block)?;
        }
        Ok(id)
    }

    /// Reads one block and checks its hash. If it is missing or damaged and there is an IPFS node,
    /// fetches it from there and stores it.
    pub fn get_block(&self, id: &ContentId) -> Result<Vec<u8>, StoreError> {
        match (self.read_local_block(id), &self.ipfs) {
            (Err(StoreError::NotFound { .. } | StoreError::Corrupted { .. }), Some(ipfs)) => {
                let block = ipfs.get_block(id, self.deadline)?;

                if Digest::of(&block) != Digest(id.digest()) {
                    return Err(StoreError::Forged { id: *id });
                }
                self.without_sources().put_block(&block)?;
                Ok(block)
            }
            (read, _) => read,
        }
    }

    fn write_local_block(&self, id: &ContentId, block: &[u8]) -> Result<(), StoreError> {
        let path = self.block_path(id);
        let folder = path.parent().unwrap_or(&self.blocks);
        create_folder(folder)?;

        let mut staged = NamedTempFile::new_in(&self.staging)
            .map_err(io_error("create a file in", &self.staging))?;
        staged.write_all(block).map_err(io_error("write", staged.path()))?;
        staged.as_file().sync_all().map_err(io_error("flush", staged.path()))?;

        staged.persist(&path).map_err(|error| io_error("rename a file to", &path)(error.error))?;
        sync_folder(folder)
    }

    fn read_local_block(&self, id: &ContentId) -> Result<Vec<u8>, StoreError> {
        let path = self.block_path(id);
        let file = File::open(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::NotFound { block: *id, path: path.clone() },
            _ => io_error("open", &path)(error),
        })?;
        touch_file(&file);

        let mut block = Vec::new();
        file.take(MAX_BLOCK_BYTES + 1).read_to_end(&mut block).map_err(io_error("read", &path))?;
        check_size(&block, || id.to_string())?;

        let expected = Digest(id.digest());
        let actual = Digest::of(&block);

        if expected == actual {
            Ok(block)
        } else {
            Err(StoreError::Corrupted { path, expected, actual })
        }
    }

    /// `blocks/ab/cd/abcd…`: at most 256 entries in each of the upper folders.
    pub(crate) fn block_path(&self, id: &ContentId) -> PathBuf {
        let name = Digest(id.digest()).to_string();
        self.blocks.join(&name[0..2]).join(&name[2..4]).join(&name)
    }
}

fn check_size(block: &[u8], what: impl Fn() -> String) -> Result<(), StoreError> {
    let size_bytes = block.len() as u64;

    if size_bytes > MAX_BLOCK_BYTES {
        return Err(StoreError::TooLarge {
            what: what(),
            size_bytes,
            limit_bytes: MAX_BLOCK_BYTES,
        });
    }
    Ok(())
}

//! Blocks to files.

use rust_unixfs::file::visit::IdleFileVisit;

use nosana_job_spec::ContentId;

use crate::{Store, StoreError, error::io_error};

/// The bytes that the blocks of a file may have in addition to twice its content.
const SPARE_BYTES: u64 = 4 * 1024 * 1024;
/// The blocks that a file may have in addition to one for each KiB.
const SPARE_BLOCKS: u64 = 1024;

impl Store {
    /// Reads a file of at most `max_bytes` and checks the hash of every block.
    pub fn get(&self, id: &ContentId, max_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let trouble = self.fetch_missing(id, max_bytes)?;

        let mut bytes = Vec::new();
        match self.walk_file(id, max_bytes, |_, content| bytes.extend_from_slice(content)) {
            Ok(()) => Ok(bytes),
            // Others may have what the IPFS node does not have, and this machine cannot ask them.
            Err(error @ StoreError::Ipfs { .. }) => Err(trouble.unwrap_or(error)),
            Err(error) => Err(error),
        }
    }

    /// Reads the blocks of a file of at most `max_bytes` from the root on, and passes each one's
    /// identifier and content to `visit_block`.
    pub(crate) fn walk_file(
        &self,
        id: &ContentId,
        max_bytes: u64,
        mut visit_block: impl FnMut(&ContentId, &[u8]),
    ) -> Result<(), StoreError> {
        let not_a_file = |reason: String| StoreError::NotAFile { id: *id, reason };
        let too_large = |size_bytes| StoreError::TooLarge {
            what: id.to_string(),
            size_bytes,
            limit_bytes: max_bytes,
        };

        let root = self.get_block(id)?;
        let (content, size_bytes, _, mut visit) =
            IdleFileVisit::default().start(&root).map_err(|error| not_a_file(error.to_string()))?;

        if size_bytes > max_bytes {
            return Err(too_large(size_bytes));
        }
        visit_block(id, content);
        let mut read_bytes = content.len() as u64;

        // Interior nodes can be large and have no content, so the fetched bytes have a bound of
        // their own.
        let max_block_bytes = max_bytes.saturating_mul(2).saturating_add(SPARE_BYTES);
        let mut bytes_left = max_block_bytes.saturating_sub(root.len() as u64);
        // Links may repeat, so a small hostile tree can unfold into endless empty leaves: the walk
        // has a bound too.
        let mut blocks_left = SPARE_BLOCKS + max_bytes / 1024;

        while let Some(step) = visit {
            blocks_left = blocks_left
                .checked_sub(1)
                .ok_or_else(|| not_a_file("it has too many blocks".into()))?;

            let child = ContentId::from_link(step.pending_links().0).map_err(not_a_file)?;
            let block = self.get_block(&child)?;
            bytes_left = bytes_left.checked_sub(block.len() as u64).ok_or_else(|| {
                not_a_file("its blocks have many more bytes than its content".into())
            })?;

            let (content, next) = step
                .continue_walk(&block, &mut None)
                .map_err(|error| not_a_file(error.to_string()))?;
            visit_block(&child, content);
            read_bytes = read_bytes.saturating_add(content.len() as u64);

            if read_bytes > max_bytes {
                return Err(too_large(read_bytes));
            }
            visit = next;
        }

        if read_bytes != size_bytes {
            return Err(not_a_file(format!("it has {read_bytes} bytes but declares {size_bytes}")));
        }
        Ok(())
    }

    /// Returns the size of a file's content, as its root declares it.
    pub fn content_size(&self, id: &ContentId) -> Result<u64, StoreError> {
        let root = self.get_block(id)?;
        let started = IdleFileVisit::default().start(&root);

        started
            .map(|(_, size_bytes, _, _)| size_bytes)
            .map_err(|error| StoreError::NotAFile { id: *id, reason: error.to_string() })
    }

    /// Whether the root of this file is in the folder. Roots are written last, so the file was
    /// stored completely.
    pub fn has_file(&self, id: &ContentId) -> bool {
        self.block_path(id).is_file()
    }

    /// Like [`Self::has_file`], but a folder that cannot be read is an error, not a missing file.
    ///
    /// # Errors
    /// If the file system does not say whether the root of this file exists.
    pub fn look_for_file(&self, id: &ContentId) -> Result<bool, StoreError> {
        let path = self.block_path(id);
        path.try_exists().map_err(io_error("look for", &path))
    }
}

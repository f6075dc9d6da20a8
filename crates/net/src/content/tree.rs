//! The order of an object's blocks, and their bounds. Sender and receiver walk the same way.

use nosana_job_spec::{ContentId, Digest};
use rust_unixfs::file::visit::{FileVisit, IdleFileVisit};

/// The bytes that the nodes of even the smallest tree may have.
const SPARE_BYTES: u64 = 64 * 1024;
/// Blocks are mostly of 256 KiB; there may be one for each KiB, and these.
const SPARE_BLOCKS: u64 = 64;
/// The most links that are remembered. The store's own trees have fewer than a thousand at once.
const MAX_PENDING_LINKS: usize = 65_536;

/// The most bytes that the blocks of an object with this size of content have together.
pub const fn max_stored_bytes(content_bytes: u64) -> u64 {
    content_bytes.saturating_add(content_bytes / 8).saturating_add(SPARE_BYTES)
}

/// Blocks that are not those of the requested object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The bytes have another hash than the block that comes next.
    #[error("a block hashes to {actual}, not to {expected}")]
    Hash {
        /// The digest that the object names.
        expected: Digest,
        /// The digest of what arrived.
        actual: Digest,
    },
    /// The blocks are not a file.
    #[error("it is not a file: {0}")]
    NotAFile(String),
    /// The object is larger than allowed.
    #[error("it declares {declared} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The size in its root.
        declared: u64,
        /// The limit.
        limit: u64,
    },
    /// The blocks have much more bytes than the content, or are very many.
    #[error("its tree is much larger than its content of {declared} bytes")]
    Overhead {
        /// The size in its root.
        declared: u64,
    },
    /// The blocks' content has another size than the root declares.
    #[error("it has {actual} bytes but declares {declared}")]
    OtherSize {
        /// The size in its root.
        declared: u64,
        /// The size of all content.
        actual: u64,
    },
}

/// A walk over an object, block by block.
pub(super) struct TreeWalk {
    next: Next,
    max_bytes: u64,
    /// The size in the root, once it has been accepted.
    declared: Option<u64>,
    content_bytes: u64,
    stored_bytes_left: u64,
    blocks_left: u64,
}

enum Next {
    Root(ContentId),
    Inside(FileVisit),
    Complete,
    Failed,
}

impl TreeWalk {
    /// A walk over an object whose content has at most `max_bytes`.
    pub(super) const fn new(root: ContentId, max_bytes: u64) -> Self {
        Self {
            next: Next::Root(root),
            max_bytes,
            declared: None,
            content_bytes: 0,
            stored_bytes_left: 0,
            blocks_left: 0,
        }
    }

    /// The block that comes next; none if the object is complete.
    pub(super) fn next_block(&self) -> Result<Option<ContentId>, TreeError> {
        match &self.next {
            Next::Root(root) => Ok(Some(*root)),
            Next::Inside(visit) => {
                let link = ContentId::from_link(visit.pending_links().0);
                link.map(Some).map_err(TreeError::NotAFile)
            }
            Next::Complete => Ok(None),
            Next::Failed => Err(TreeError::NotAFile("an earlier block is not valid".into())),
        }
    }

    /// The size that the root declares; none before the root.
    pub(super) const fn declared_bytes(&self) -> Option<u64> {
        self.declared
    }

    /// Checks that this is the next block, and goes on after it.
    pub(super) fn accept_block(&mut self, block: &[u8]) -> Result<(), TreeError> {
        let next = std::mem::replace(&mut self.next, Next::Failed);

        self.next = match next {
            Next::Root(root) => self.accept_root(root, block)?,
            Next::Inside(visit) => self.accept_child(visit, block)?,
            Next::Complete | Next::Failed => {
                return Err(TreeError::NotAFile("it has more blocks than links".into()));
            }
        };
        match (&self.next, self.declared) {
            (Next::Complete, Some(declared)) if declared != self.content_bytes => {
                Err(TreeError::OtherSize { declared, actual: self.content_bytes })
            }
            _ => Ok(()),
        }
    }

    fn accept_root(&mut self, root: ContentId, block: &[u8]) -> Result<Next, TreeError> {
        check_hash(root, block)?;
        let (content, declared, _, visit) =
            IdleFileVisit::default().start(block).map_err(not_a_file)?;

        if declared > self.max_bytes {
            return Err(TreeError::TooLarge { declared, limit: self.max_bytes });
        }
        self.declared = Some(declared);
        self.stored_bytes_left = max_stored_bytes(declared);
        self.blocks_left = SPARE_BLOCKS + declared / 1_024;
        self.count_block(block, content, declared)?;
        follow(visit, declared)
    }

    fn accept_child(&mut self, visit: FileVisit, block: &[u8]) -> Result<Next, TreeError> {
        let declared = self.declared.unwrap_or_default();
        let link = ContentId::from_link(visit.pending_links().0).map_err(TreeError::NotAFile)?;
        check_hash(link, block)?;

        let (content, visit) = visit.continue_walk(block, &mut None).map_err(not_a_file)?;
        self.count_block(block, content, declared)?;
        follow(visit, declared)
    }

    /// Takes a block from the bounds. Links may repeat, so a small hostile tree could unfold into
    /// endless blocks.
    fn count_block(
        &mut self,
        block: &[u8],
        content: &[u8],
        declared: u64,
    ) -> Result<(), TreeError> {
        let overhead = TreeError::Overhead { declared };
        let blocks_left = self.blocks_left.checked_sub(1);
        let stored_bytes_left = self.stored_bytes_left.checked_sub(block.len() as u64);

        self.blocks_left = blocks_left.ok_or_else(|| overhead.clone())?;
        self.stored_bytes_left = stored_bytes_left.ok_or(overhead)?;
        self.content_bytes += content.len() as u64;

        if self.content_bytes > declared {
            return Err(TreeError::OtherSize { declared, actual: self.content_bytes });
        }
        Ok(())
    }
}

fn follow(visit: Option<FileVisit>, declared: u64) -> Result<Next, TreeError> {
    let Some(visit) = visit else { return Ok(Next::Complete) };

    let pending = visit.pending_links().1.take(MAX_PENDING_LINKS).count();
    if pending == MAX_PENDING_LINKS {
        return Err(TreeError::Overhead { declared });
    }
    Ok(Next::Inside(visit))
}

fn check_hash(id: ContentId, block: &[u8]) -> Result<(), TreeError> {
    let expected = Digest(id.digest());
    let actual = Digest::of(block);

    if actual == expected { Ok(()) } else { Err(TreeError::Hash { expected, actual }) }
}

fn not_a_file(error: impl std::fmt::Display) -> TreeError {
    TreeError::NotAFile(error.to_string())
}

#[cfg(test)]
mod tests {
    use nosana_store::Store;

    use super::*;

    fn stored(size: usize) -> (tempfile::TempDir, Store, ContentId, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let content: Vec<u8> = (0..size).map(|i| (i / 7 % 251) as u8).collect();
        let id = store.put(&content).unwrap();
        (folder, store, id, content)
    }

    fn walk_all(store: &Store, id: ContentId, max_bytes: u64) -> Result<u64, TreeError> {
        let mut walk = TreeWalk::new(id, max_bytes);
        let mut blocks = 0;

        while let Some(next) = walk.next_block()? {
            walk.accept_block(&store.get_block(&next).unwrap())?;
            blocks += 1;
        }
        Ok(blocks)
    }

    #[test]
    fn a_walk_visits_every_block_once() {
        for (size, blocks) in [(0, 1), (1, 1), (262_144, 1), (262_145, 3), (50_000_000, 194)] {
            let (_folder, store, id, _) = stored(size);
            assert_eq!(walk_all(&store, id, size as u64), Ok(blocks), "{size}");
        }
    }

    #[test]
    fn the_size_is_checked_at_the_root() {
        let (_folder, store, id, _) = stored(600_000);
        let error = walk_all(&store, id, 599_999).unwrap_err();
        assert_eq!(error, TreeError::TooLarge { declared: 600_000, limit: 599_999 });
    }

    #[test]
    fn another_block_is_refused_and_the_walk_is_over() {
        let (_folder, store, id, _) = stored(600_000);
        let mut walk = TreeWalk::new(id, 1_000_000);
        let root = store.get_block(&id).unwrap();
        assert!(matches!(walk.accept_block(b"another"), Err(TreeError::Hash { .. })));
        assert!(walk.accept_block(&root).is_err());

        let mut walk = TreeWalk::new(id, 1_000_000);
        walk.accept_block(&root).unwrap();
        assert_eq!(walk.declared_bytes(), Some(600_000));
        assert!(matches!(walk.accept_block(&root), Err(TreeError::Hash { .. })));
        assert!(walk.next_block().is_err());
    }

    #[test]
    fn a_block_that_is_not_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = store.put_block(b"not a dag-pb node").unwrap();
        assert!(matches!(walk_all(&store, id, 1_000), Err(TreeError::NotAFile(_))));
    }
}

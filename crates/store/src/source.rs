//! Other places where a store gets its files from.

use std::{fmt::Debug, path::Path, time::Instant};

use nosana_job_spec::ContentId;

use crate::{Store, StoreError};

/// A place that has files which are not in a store's folder, such as other machines.
pub trait FileSource: Debug + Send + Sync {
    /// Fetches a file of at most `max_bytes` into the folder of `store`, which has no other source.
    /// Gives up at `until`. May block.
    ///
    /// # Errors
    /// [`StoreError::Source`] if nobody has the file; [`StoreError::Unable`] if this machine cannot
    /// fetch it, although others may have it.
    fn fetch_file(
        &self,
        store: &Store,
        id: &ContentId,
        max_bytes: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError>;
}

impl Store {
    /// Returns the store of the same folder, without an IPFS node and without a source: what it
    /// reads is on the disk, and what it writes stays there.
    #[must_use]
    pub fn without_sources(&self) -> Self {
        Self { ipfs: None, source: None, ..self.clone() }
    }

    /// Returns a store in another folder, with the IPFS node and the source of this one: what it
    /// fetches does not stay in this folder.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn in_folder(&self, path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let Self { blocks, staging, .. } = Self::open(path)?;
        Ok(Self { blocks, staging, ..self.clone() })
    }

    /// Copies a file of at most `max_bytes` from another store, unless it is here.
    ///
    /// # Errors
    /// If `from` does not have it, or it is larger.
    pub fn copy_file(&self, from: &Self, id: &ContentId, max_bytes: u64) -> Result<(), StoreError> {
        if self.has_file(id) {
            return Ok(());
        }

        let mut blocks = Vec::new();
        from.walk_file(id, max_bytes, |block, _| blocks.push(*block))?;

        // The root is last, as after every write.
        for block in blocks.iter().rev() {
            self.put_block(&from.get_block(block)?)?;
        }
        Ok(())
    }

    /// Fetches a file from the source unless it is here. If there is an IPFS node, which may have
    /// it, does not fail, but returns why this machine could not ask the source, if that is so.
    pub(crate) fn fetch_missing(
        &self,
        id: &ContentId,
        max_bytes: u64,
    ) -> Result<Option<StoreError>, StoreError> {
        let Some(source) = &self.source else { return Ok(None) };
        if self.has_file(id) {
            return Ok(None);
        }

        let local = self.without_sources();
        if self.ipfs.is_none() {
            return source.fetch_file(&local, id, max_bytes, self.deadline).map(|()| None);
        }
        // The source may use all its time.
        let until = self.deadline.map(halve_time);
        let fetched = source.fetch_file(&local, id, max_bytes, until);
        Ok(fetched.err().filter(StoreError::is_own_trouble))
    }
}

/// The end of the first half of the time until then.
fn halve_time(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 2
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// Another store as a source.
    #[derive(Debug)]
    struct OtherStore {
        store: Store,
        fetched: AtomicUsize,
    }

    impl FileSource for OtherStore {
        fn fetch_file(
            &self,
            store: &Store,
            id: &ContentId,
            max_bytes: u64,
            _: Option<Instant>,
        ) -> Result<(), StoreError> {
            self.fetched.fetch_add(1, Ordering::Relaxed);
            store.copy_file(&self.store, id, max_bytes)
        }
    }

    #[test]
    fn missing_files_come_from_the_source_once() {
        let folder = tempfile::tempdir().unwrap();
        let other = Store::open(folder.path().join("other")).unwrap();
        let content: Vec<u8> = (0..1_000_000_u32).map(|i| (i / 7 % 251) as u8).collect();
        let file = other.put(&content).unwrap();
        let missing = ContentId::from_digest([9; 32]);

        let source = Arc::new(OtherStore { store: other, fetched: AtomicUsize::new(0) });
        let local = Store::open(folder.path().join("local")).unwrap();
        let store = local.clone().with_source(Arc::clone(&source) as Arc<dyn FileSource>);

        assert!(matches!(store.get(&file, 999_999), Err(StoreError::TooLarge { .. })));
        assert!(!local.has_file(&file));
        assert!(matches!(store.get(&missing, 1), Err(StoreError::NotFound { .. })));

        assert_eq!(store.get(&file, 1 << 20).unwrap(), content);
        assert_eq!(store.get(&file, 1 << 20).unwrap(), content);
        assert_eq!(source.fetched.load(Ordering::Relaxed), 3);
        assert_eq!(local.get(&file, 1 << 20).unwrap(), content);
    }

    #[test]
    fn what_another_folder_fetches_is_not_in_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let other = Store::open(folder.path().join("other")).unwrap();
        let file = other.put(b"report").unwrap();

        let source = Arc::new(OtherStore { store: other, fetched: AtomicUsize::new(0) });
        let store = Store::open(folder.path().join("local")).unwrap();
        let store = store.with_source(Arc::clone(&source) as Arc<dyn FileSource>);
        let scratch = store.in_folder(folder.path().join("scratch")).unwrap();

        assert_eq!(scratch.get(&file, 10).unwrap(), b"report");
        assert!(scratch.has_file(&file) && !store.has_file(&file));
        assert_eq!(source.fetched.load(Ordering::Relaxed), 1);
    }
}

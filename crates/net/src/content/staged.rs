//! Blocks that have arrived and are not in the store yet.
//!
//! They are in one file beside the store's own temporary files, each with its length before it, in
//! the order of the walk. The file is locked while a transfer uses it. The store's garbage
//! collection removes what nobody continues.

use std::cmp::Reverse;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nosana_job_spec::{ContentId, Digest};
use nosana_store::{MAX_BLOCK_BYTES, Store, StoreError};

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

/// Removes what nobody continues, the oldest first, until the rest has at most `max_bytes`.
///
/// # Errors
/// If the folder cannot be read, or a file cannot be removed.
pub(super) fn remove_rests(store: &Store, max_bytes: u64) -> io::Result<()> {
    let mut rests = Vec::new();
    for entry in fs::read_dir(store.folder().join(FOLDER))? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // A transfer uses what is locked, and has reserved room for it.
        let Ok(file) = File::open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let metadata = file.metadata()?;
            rests.push((metadata.modified()?, metadata.len(), entry.path(), file));
        }
    }
    rests.sort_unstable_by_key(|(modified, ..)| Reverse(*modified));

    let mut bytes = 0_u64;
    for (_, length, path, _locked) in rests {
        bytes = bytes.saturating_add(length);
        if bytes > max_bytes {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn is_file_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The next block of the file; none at its end or where it was cut off.
fn read_staged(reader: &mut impl Read) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut length = [0; 4];
    if !fill_buffer(reader, &mut length)? {
        return Ok(None);
    }

    let length = u32::from_le_bytes(length);
    if u64::from(length) > MAX_BLOCK_BYTES {
        return Ok(None);
    }
    let mut block = vec![0; length as usize];
    Ok(fill_buffer(reader, &mut block)?.then_some(block))
}

fn fill_buffer(reader: &mut impl Read, buffer: &mut [u8]) -> Result<bool, std::io::Error> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        _folder: tempfile::TempDir,
        from: Store,
        to: Store,
        object: ContentId,
        content: Vec<u8>,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let from = Store::open(folder.path().join("from")).unwrap();
        let to = Store::open(folder.path().join("to")).unwrap();
        let content: Vec<u8> = (0..1_000_000_u32).map(|i| (i / 3 % 251) as u8).collect();
        let object = from.put(&content).unwrap();
        Fixture { _folder: folder, from, to, object, content }
    }

    impl Fixture {
        fn open(&self) -> StagedObject {
            StagedObject::open(&self.to, self.object, 1 << 20).unwrap()
        }

        fn accept_blocks(&self, staged: &mut StagedObject, count: usize) {
            for _ in 0..count {
                let next = staged.walk.next_block().unwrap().unwrap();
                staged.accept_block(&self.from.get_block(&next).unwrap()).unwrap();
            }
        }
    }

    #[test]
    fn an_object_enters_the_store_when_it_is_complete() {
        let fixture = fixture();
        let mut staged = fixture.open();
        fixture.accept_blocks(&mut staged, 5);
        assert!(staged.is_complete().unwrap());
        assert!(!fixture.to.has_file(&fixture.object));
        assert!(matches!(staged.accept_block(b"more"), Err(ContentError::Excess)));

        let path = staged.path.clone();
        staged.commit().unwrap();
        assert_eq!(fixture.to.get(&fixture.object, 1 << 20).unwrap(), fixture.content);
        assert!(!path.exists());
    }

    #[test]
    fn an_interrupted_transfer_goes_on_and_a_torn_block_is_dropped() {
        let fixture = fixture();
        let mut staged = fixture.open();
        fixture.accept_blocks(&mut staged, 3);
        assert!(matches!(
            StagedObject::open(&fixture.to, fixture.object, 1 << 20),
            Err(ContentError::Running)
        ));
        let path = staged.path.clone();
        staged.file.write_all(&[0, 0, 4, 0, 1, 2, 3]).unwrap();
        drop(staged);

        let mut staged = fixture.open();
        assert_eq!(staged.block_count(), 3);
        assert_eq!(fs::metadata(&path).unwrap().len(), staged.end);
        fixture.accept_blocks(&mut staged, 2);
        staged.commit().unwrap();
        assert_eq!(fixture.to.get(&fixture.object, 1 << 20).unwrap(), fixture.content);
    }

    #[test]
    fn opening_does_not_renew_what_has_arrived() {
        let fixture = fixture();
        let mut staged = fixture.open();
        fixture.accept_blocks(&mut staged, 2);
        let path = staged.path.clone();
        drop(staged);

        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
        File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(fixture.open().block_count(), 2);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(modified.elapsed().unwrap().as_secs() > 7_000);
    }

    #[test]
    fn the_oldest_interrupted_offers_are_removed_and_none_in_use() {
        let fixture = fixture();
        let rest = |name: &str, age: u64| {
            let path = fixture.to.folder().join(FOLDER).join(format!("{PREFIX}{name}"));
            fs::write(&path, [0; 1_000]).unwrap();
            let modified = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
            File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
            path
        };
        let paths = [rest("a", 10), rest("b", 30), rest("c", 20), rest("d", 40)];
        let in_use = File::open(&paths[3]).unwrap();
        in_use.try_lock().unwrap();

        remove_rests(&fixture.to, 2_000).unwrap();
        assert_eq!(paths.each_ref().map(|path| path.exists()), [true, false, true, true]);
        drop(in_use);
        remove_rests(&fixture.to, 0).unwrap();
        assert!(paths.iter().all(|path| !path.exists()));
    }

    #[test]
    fn what_an_attempt_brought_can_be_discarded() {
        let fixture = fixture();
        let mut staged = fixture.open();
        let path = staged.path.clone();
        fixture.accept_blocks(&mut staged, 2);
        drop(staged);

        let mut staged = fixture.open();
        fixture.accept_blocks(&mut staged, 2);
        staged.discard();
        assert_eq!(fixture.open().block_count(), 2);

        let mut bytes = fs::read(&path).unwrap();
        bytes[4] ^= 1;
        fs::write(&path, bytes).unwrap();
        let mut staged = fixture.open();
        assert_eq!(staged.block_count(), 0, "a damaged block is not used");
        fixture.accept_blocks(&mut staged, 1);
        staged.discard();
        assert!(!path.exists());
    }

    #[test]
    fn what_arrived_under_a_higher_limit_is_not_used() {
        let fixture = fixture();
        let mut staged = fixture.open();
        fixture.accept_blocks(&mut staged, 2);
        drop(staged);

        let opened = StagedObject::open(&fixture.to, fixture.object, 1_000);
        let is_refused = matches!(opened, Err(ContentError::Refused(ContentRefusal::TooLarge)));
        assert!(is_refused);
        assert_eq!(fixture.open().block_count(), 0);
    }
}

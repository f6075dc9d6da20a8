//! Room and time for one download, and the memory for its file. A node downloads few models at a
//! time: a slow source must not keep others waiting for days.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use nosana_fetch::{DownloadError, DownloadRoom, PartFile};

use super::ModelStore;

/// The time of a download, beside that of the received bytes: three attempts, each of which waits two
/// minutes for an answer, and pauses.
pub(super) const BASE_TIME: Duration = Duration::from_secs(600);
/// The rate that a source must have on average.
const MIN_BYTES_PER_SECOND: u64 = 64 << 10;
const BYTES_PER_MB: u64 = 1_000_000;

/// Why a download ends that a caller does not want any more.
pub(super) const UNWANTED: &str = "no job waits for it, and others need its place";

/// The room and the time of one download.
pub(super) struct TimedRoom<'a> {
    store: &'a ModelStore,
    begun: Instant,
    /// Whether anybody waits for the model, or may need it later.
    is_wanted: &'a dyn Fn() -> bool,
    /// The bytes of the file that were here before: they give no time.
    resumed_bytes: Cell<u64>,
    /// The bytes that were received and are not here any more: the source has started again.
    discarded_bytes: Cell<u64>,
    /// The length at the last check.
    last_length: Cell<u64>,
    /// Whether the download ends because the file is larger than the device's memory.
    exceeds_memory: Cell<bool>,
}

impl<'a> TimedRoom<'a> {
    /// Begins a download of which so many bytes are here.
    pub fn begin(
        store: &'a ModelStore,
        resumed_bytes: u64,
        is_wanted: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            store,
            begun: Instant::now(),
            is_wanted,
            resumed_bytes: Cell::new(resumed_bytes),
            discarded_bytes: Cell::new(0),
            last_length: Cell::new(resumed_bytes),
            exceeds_memory: Cell::new(false),
        }
    }

    /// Whether the download has ended because the file is larger than the device's memory.
    pub fn exceeds_memory(&self) -> bool {
        self.exceeds_memory.get()
    }

    fn check_memory(&self, file_bytes: u64) -> Result<(), DownloadError> {
        let checked = self.store.check_memory(file_bytes);
        self.exceeds_memory.set(checked.is_err());
        checked
    }

    /// Checks the time, and whether the download is still wanted. What a source claims to have
    /// gives no time.
    fn check_time(&self, part: &PartFile) -> Result<(), DownloadError> {
        if !(self.is_wanted)() {
            return Err(DownloadError::Ended(UNWANTED.to_owned()));
        }
        self.last_length.set(part.length());
        let received_bytes = self.total_received();
        let elapsed = self.begun.elapsed();

        if elapsed <= download_time(self.store.base_time, received_bytes) {
            return Ok(());
        }
        Err(DownloadError::Ended(format!(
            "it sent {} MB in {} s, and must send {} KiB a second; name a faster source, or try \
             again: what has arrived stays, and is continued if the source can do so",
            received_bytes / BYTES_PER_MB,
            elapsed.as_secs(),
            MIN_BYTES_PER_SECOND >> 10
        )))
    }

    /// Notes that the part may be shorter than it was: a source that cannot send the rest alone
    /// starts again. What it had sent still counts as sent; what was here before does not.
    fn note_restart(&self, part: &PartFile) {
        let before = self.total_received();
        self.last_length.set(part.length());
        let lost = before.saturating_sub(self.total_received());

        self.discarded_bytes.set(self.discarded_bytes.get().saturating_add(lost));
        self.resumed_bytes.set(self.resumed_bytes.get().min(part.length()));
    }

    /// The bytes that the source has sent, also those that are not here any more.
    fn total_received(&self) -> u64 {
        let kept = self.last_length.get().saturating_sub(self.resumed_bytes.get());
        self.discarded_bytes.get().saturating_add(kept)
    }
}

impl DownloadRoom for TimedRoom<'_> {
    fn make_room(&self, part: &PartFile, total_bytes: Option<u64>) -> Result<(), DownloadError> {
        self.note_restart(part);
        self.check_time(part)?;
        // Before any model leaves for it.
        self.check_memory(total_bytes.unwrap_or(part.length()))?;
        self.store.make_room(part, total_bytes)
    }

    fn check_length(&self, part: &PartFile) -> Result<(), DownloadError> {
        self.check_time(part)?;
        self.check_memory(part.length())?;
        self.store.check_length(part)
    }
}

/// The longest time of a download that has received so many bytes.
fn download_time(base_time: Duration, received_bytes: u64) -> Duration {
    base_time + Duration::from_secs(received_bytes / MIN_BYTES_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_received_gives_time() {
        let time = |received_bytes| download_time(BASE_TIME, received_bytes).as_secs();
        assert_eq!(time(0), 600);
        // A source of 128 KiB a second may send a whole model.
        assert!(time(50_000_000_000) > 50_000_000_000 / (128 << 10));
        // One of 5 KiB a second has sent 3.3 MB when its time is over.
        assert!(time(3_300_000) < 3_300_000 / (5 << 10) + 10);
    }

    #[test]
    fn bytes_that_were_here_give_no_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path());
        let store = ModelStore { base_time: Duration::ZERO, ..store };
        let mut part = PartFile::open(folder.path().join("a.part")).unwrap();
        part.append(&vec![0; 10 * (64 << 10)]).unwrap();

        let fresh = TimedRoom::begin(&store, 0, &|| true);
        assert!(fresh.check_length(&part).is_ok());
        let resumed = TimedRoom::begin(&store, part.length(), &|| true);
        std::thread::sleep(Duration::from_millis(1));
        assert!(resumed.check_length(&part).is_err());
    }

    #[test]
    fn bytes_that_are_sent_again_give_time_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path());
        let mut part = PartFile::open(folder.path().join("a.part")).unwrap();
        let append = |part: &mut PartFile, length| part.append(&vec![0; length]).unwrap();
        append(&mut part, 700);
        let room = TimedRoom::begin(&store, part.length(), &|| true);

        append(&mut part, 300);
        assert!(room.check_length(&part).is_ok());
        part.clear().unwrap();
        assert!(room.make_room(&part, None).is_ok());
        assert_eq!(room.total_received(), 300, "what was here before was not sent");

        append(&mut part, 500);
        assert!(room.check_length(&part).is_ok());
        assert!(room.make_room(&part, None).is_ok());
        assert_eq!(room.total_received(), 800, "nothing was lost this time");
        part.clear().unwrap();
        assert!(room.make_room(&part, None).is_ok());
        assert_eq!(room.total_received(), 800);
    }
}

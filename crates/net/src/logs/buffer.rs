//! What a node keeps of a log, and its readers.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The most bytes that a reader gets at once.
pub(super) const MAX_PART_BYTES: usize = 64 * 1024;

/// How much of a log is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct LogBounds {
    /// Of its beginning.
    pub head_bytes: usize,
    /// Of its end.
    pub tail_bytes: usize,
}

impl Default for LogBounds {
    fn default() -> Self {
        Self { head_bytes: 1024 * 1024, tail_bytes: 4 * 1024 * 1024 }
    }
}

/// A log that is being written. Clones share it.
#[derive(Clone, Debug)]
pub struct LogBuffer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Another one for each log: a job that runs again begins a new log.
    id: u64,
    content: Mutex<Content>,
    bounds: LogBounds,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Content {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// All bytes that were written.
    written: u64,
    is_complete: bool,
}

/// What a reader gets next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogPart {
    /// The next bytes.
    Bytes(Vec<u8>),
    /// So many bytes are lost here.
    Gap(u64),
    /// The log is complete.
    End,
}

/// A reader of a log.
#[derive(Debug)]
pub struct LogReader {
    shared: Arc<Shared>,
    changed: watch::Receiver<()>,
    position: u64,
}

impl LogBuffer {
    /// An empty log.
    pub fn new(bounds: LogBounds) -> Self {
        let content = Mutex::default();
        let changed = watch::Sender::new(());
        let id = RandomState::new().build_hasher().finish();
        Self { shared: Arc::new(Shared { id, content, bounds, changed }) }
    }

    /// A number that no other log is likely to have.
    pub(super) fn id(&self) -> u64 {
        self.shared.id
    }

    /// Appends bytes. Never waits for a reader.
    pub fn append(&self, bytes: &[u8]) {
        let LogBounds { head_bytes, tail_bytes } = self.shared.bounds;

        {
            let mut content = self.shared.lock_content();
            let room = head_bytes.saturating_sub(content.head.len());
            let (to_head, to_tail) = bytes.split_at(room.min(bytes.len()));
            content.head.extend_from_slice(to_head);

            let kept = to_tail.get(to_tail.len().saturating_sub(tail_bytes)..).unwrap_or_default();
            let excess = (content.tail.len() + kept.len()).saturating_sub(tail_bytes);
            content.tail.drain(..excess);
            content.tail.extend(kept);
            content.written += bytes.len() as u64;
        }
        self.shared.changed.send_replace(());
    }

    /// Ends the log: readers get [`LogPart::End`] after what is left.
    pub fn complete(&self) {
        self.shared.lock_content().is_complete = true;
        self.shared.changed.send_replace(());
    }

    /// All bytes that were written.
    pub fn written_bytes(&self) -> u64 {
        self.shared.lock_content().written
    }

    /// A reader that begins after the first `position` bytes.
    pub fn reader(&self, position: u64) -> LogReader {
        let position = position.min(self.written_bytes());
        let changed = self.shared.changed.subscribe();
        LogReader { shared: Arc::clone(&self.shared), changed, position }
    }
}

impl LogReader {
    /// The next part; waits until there is one.
    pub async fn next_part(&mut self) -> LogPart {
        loop {
            // Before looking, so that no change is missed.
            self.changed.borrow_and_update();

            if let Some(part) = self.shared.lock_content().read_at(self.position) {
                self.position += match &part {
                    LogPart::Bytes(bytes) => bytes.len() as u64,
                    LogPart::Gap(lost) => *lost,
                    LogPart::End => 0,
                };
                return part;
            }
            // The sender lives as long as `shared`.
            if self.changed.changed().await.is_err() {
                return LogPart::End;
            }
        }
    }

    /// The bytes of the log before the next part.
    pub const fn position(&self) -> u64 {
        self.position
    }
}

impl Shared {
    fn lock_content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn read_at(&self, position: u64) -> Option<LogPart> {
        let in_head = usize::try_from(position).unwrap_or(usize::MAX);
        if let Some(rest) = self.head.get(in_head..).filter(|rest| !rest.is_empty()) {
            return Some(LogPart::Bytes(rest.iter().take(MAX_PART_BYTES).copied().collect()));
        }

        let tail_start = self.written.saturating_sub(self.tail.len() as u64);
        if let Some(lost) = tail_start.checked_sub(position).filter(|lost| *lost > 0) {
            return Some(LogPart::Gap(lost));
        }

        let skip = usize::try_from(position.saturating_sub(tail_start)).unwrap_or(usize::MAX);
        let end = skip.saturating_add(MAX_PART_BYTES).min(self.tail.len());
        if skip < end {
            return Some(LogPart::Bytes(self.tail.range(skip..end).copied().collect()));
        }
        self.is_complete.then_some(LogPart::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: LogBounds = LogBounds { head_bytes: 4, tail_bytes: 6 };

    async fn read_all(log: &LogBuffer, from: u64) -> Vec<LogPart> {
        let mut reader = log.reader(from);
        let mut parts = Vec::new();

        loop {
            match reader.next_part().await {
                LogPart::End => return parts,
                part => parts.push(part),
            }
        }
    }

    fn bytes(text: &str) -> LogPart {
        LogPart::Bytes(text.into())
    }

    #[tokio::test]
    async fn readers_get_the_log_from_its_start() {
        let log = LogBuffer::new(SMALL);
        log.append(b"one");
        log.append(b"two");
        log.complete();

        assert_eq!(read_all(&log, 0).await, [bytes("onet"), bytes("wo")]);
        assert_eq!(read_all(&log, 2).await, [bytes("et"), bytes("wo")]);
        assert_eq!(read_all(&log, 5).await, [bytes("o")]);
        assert_eq!(read_all(&log, 99).await, []);
    }

    #[tokio::test]
    async fn the_middle_is_lost_and_counted() {
        let log = LogBuffer::new(SMALL);
        log.append(b"0123");
        log.append(b"abcdefghijklmnop");
        log.append(b"xy");
        log.complete();

        assert_eq!(log.written_bytes(), 22);
        assert_eq!(read_all(&log, 0).await, [bytes("0123"), LogPart::Gap(12), bytes("mnopxy")]);
        assert_eq!(read_all(&log, 10).await, [LogPart::Gap(6), bytes("mnopxy")]);
        assert_eq!(read_all(&log, 16).await, [bytes("mnopxy")]);
    }

    #[tokio::test]
    async fn a_waiting_reader_gets_what_is_written_later() {
        let log = LogBuffer::new(SMALL);
        let reading = tokio::spawn({
            let log = log.clone();
            async move { read_all(&log, 0).await }
        });

        for byte in b"abcdefgh" {
            log.append(&[*byte]);
            tokio::task::yield_now().await;
        }
        log.complete();
        let mut text = Vec::new();
        for part in reading.await.unwrap() {
            let LogPart::Bytes(bytes) = part else { panic!("{part:?}") };
            text.extend(bytes);
        }
        assert_eq!(text, b"abcdefgh");
    }

    #[tokio::test]
    async fn large_writes_are_read_in_bounded_parts() {
        let log = LogBuffer::new(LogBounds::default());
        let content: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        log.append(&content);
        log.complete();

        let mut read = Vec::new();
        for part in read_all(&log, 0).await {
            let LogPart::Bytes(bytes) = part else { panic!("{part:?}") };
            assert!(bytes.len() <= MAX_PART_BYTES);
            read.extend(bytes);
        }
        assert_eq!(read, content);
    }
}

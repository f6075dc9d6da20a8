//! How far a download is.

use std::time::{Duration, Instant};

/// The pause between two lines of the log.
const LOG_INTERVAL: Duration = Duration::from_secs(5);
/// A download must get [`MIN_WINDOW_BYTES`] within this time.
const WINDOW: Duration = Duration::from_secs(60);
/// The fewest bytes in a window. A source that sends less would occupy a node forever.
const MIN_WINDOW_BYTES: u64 = 256 * 1_024;

const BYTES_PER_MB: u64 = 1_000_000;

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadProgress {
    /// The bytes on this machine, those of earlier attempts included.
    pub done_bytes: u64,
    /// The size of the file, if the source reports it.
    pub total_bytes: Option<u64>,
}

/// Reports the progress of one attempt, and ends it if it is too slow.
pub(super) struct ProgressReport<'a> {
    on_progress: &'a mut dyn FnMut(DownloadProgress),
    source: String,
    logged: Instant,
    window: Instant,
    window_bytes: u64,
}

impl<'a> ProgressReport<'a> {
    pub fn new(source: String, on_progress: &'a mut dyn FnMut(DownloadProgress)) -> Self {
        let now = Instant::now();
        Self { on_progress, source, logged: now, window: now, window_bytes: 0 }
    }

    /// Reports `read` further bytes.
    ///
    /// # Errors
    /// If the source sends too little.
    pub fn add_bytes(&mut self, read: u64, progress: DownloadProgress) -> Result<(), String> {
        (self.on_progress)(progress);

        if self.logged.elapsed() >= LOG_INTERVAL {
            self.logged = Instant::now();
            let done_mb = progress.done_bytes / BYTES_PER_MB;
            let total_mb = progress.total_bytes.map(|bytes| bytes / BYTES_PER_MB);
            tracing::info!(source = self.source, done_mb, total_mb, "downloading");
        }

        self.window_bytes = self.window_bytes.saturating_add(read);
        if self.window.elapsed() < WINDOW {
            return Ok(());
        }
        if self.window_bytes < MIN_WINDOW_BYTES {
            return Err(format!("it sent {} bytes in {} s", self.window_bytes, WINDOW.as_secs()));
        }
        self.window = Instant::now();
        self.window_bytes = 0;
        Ok(())
    }
}

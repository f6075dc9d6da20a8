//! Collects the output of a container while it runs.

use std::{
    io::Read,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use nosana_sandbox::{Limits, LogBuffer, Observer};

/// Size of one read, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// Standard output and error of one container.
#[derive(Debug, Default)]
pub(crate) struct Logs<'a> {
    /// Also receives both outputs.
    observer: Option<&'a dyn Observer>,
    /// `None` until something is printed.
    printed: Mutex<Option<PrintedLogs>>,
    is_truncated: AtomicBool,
}

/// What was printed so far, each within the limit.
#[derive(Debug)]
struct PrintedLogs {
    log: LogBuffer,
    stdout: LogBuffer,
    stderr: LogBuffer,
}

/// What was printed, within the limit.
#[derive(Debug, Default)]
pub(crate) struct KeptLogs {
    /// Both outputs, interleaved.
    pub log: Vec<u8>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl<'a> Logs<'a> {
    /// Returns logs that are also forwarded while they are printed.
    pub fn with_observer(observer: Option<&'a dyn Observer>) -> Self {
        Self { observer, ..Self::default() }
    }

    /// Reads one output to its end. Keeps of it, and of both outputs together, what the limits
    /// allow.
    pub fn read_output(&self, mut output: impl Read, is_stderr: bool, limits: &Limits) {
        let mut buffer = vec![0; BUFFER_BYTES];

        while let Ok(length @ 1..) = output.read(&mut buffer) {
            let part = &buffer[..length];
            if let Some(observer) = self.observer {
                observer.on_output(part);
            }

            let mut printed = self.lock_printed();
            let printed = printed.get_or_insert_with(|| PrintedLogs::new(limits));
            printed.push(part, is_stderr);
            if printed.log.is_truncated() {
                self.is_truncated.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Returns whether more was printed than is kept.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated.load(Ordering::Relaxed)
    }

    /// Returns what is kept. A notice is only in the log of both: the others are for result rules.
    pub fn into_kept(self) -> KeptLogs {
        let printed = self.printed.into_inner().unwrap_or_else(PoisonError::into_inner);

        printed.map_or_else(KeptLogs::default, |PrintedLogs { log, stdout, stderr }| KeptLogs {
            log: log.into_log(),
            stdout: stdout.into_bytes(),
            stderr: stderr.into_bytes(),
        })
    }

    fn lock_printed(&self) -> MutexGuard<'_, Option<PrintedLogs>> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PrintedLogs {
    fn new(limits: &Limits) -> Self {
        let [log, stdout, stderr] = [(); 3].map(|()| LogBuffer::new(limits));
        Self { log, stdout, stderr }
    }

    fn push(&mut self, part: &[u8], is_stderr: bool) {
        self.log.push(part);
        if is_stderr {
            self.stderr.push(part);
        } else {
            self.stdout.push(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_loses_its_middle() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, ..Limits::default() };
        logs.read_output(&b"abc"[..], false, &limits);
        assert!(!logs.is_truncated());
        logs.read_output(&b"def"[..], true, &limits);
        assert!(logs.is_truncated());
        let kept = logs.into_kept();
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"abdef"[..], &b"abc"[..], &b"def"[..])
        );
    }

    #[test]
    fn the_end_can_be_kept() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, keeps_end: true, ..Limits::default() };
        logs.read_output(&b"abc"[..], false, &limits);
        logs.read_output(&b"def"[..], true, &limits);
        assert!(logs.is_truncated());
        let kept = logs.into_kept();
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"bcdef"[..], &b"abc"[..], &b"def"[..])
        );
    }
}

//! Collects the output of a container while it runs.

use std::{
    io::Read,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use nosana_sandbox::{Limits, OutputTail, keep_end};

/// Size of one read, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// Standard output and error of one container.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// Also receives both outputs.
    live: Option<OutputTail>,
    kept: Mutex<KeptLogs>,
    is_truncated: AtomicBool,
}

/// What was printed so far, within the limit.
#[derive(Debug, Default)]
pub(crate) struct KeptLogs {
    /// Both outputs, interleaved.
    pub log: Vec<u8>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Logs {
    /// Returns logs that are also forwarded while they are printed.
    pub fn with_live(live: Option<&OutputTail>) -> Self {
        Self { live: live.cloned(), ..Self::default() }
    }

    /// Reads one output to its end. Bytes beyond the limit of both outputs together are dropped, or
    /// replace earlier ones.
    pub fn read_output(&self, mut output: impl Read, is_stderr: bool, limits: &Limits) {
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
        let mut buffer = vec![0; BUFFER_BYTES];

        while let Ok(length @ 1..) = output.read(&mut buffer) {
            let part = &buffer[..length];
            if let Some(live) = &self.live {
                live.push(part);
            }

            let mut kept = self.lock_kept();
            let is_beyond = if limits.keeps_end {
                kept.append_end(part, is_stderr, limit)
            } else {
                kept.append_start(part, is_stderr, limit)
            };
            if is_beyond {
                self.is_truncated.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Returns whether more was printed than is kept.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated.load(Ordering::Relaxed)
    }

    /// Returns what was printed.
    pub fn into_kept(self, limits: &Limits) -> KeptLogs {
        let mut kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);

        for output in [&mut kept.log, &mut kept.stdout, &mut kept.stderr] {
            // Each holds up to twice the limit where its end is kept.
            keep_end(output, &[], limit);
        }
        kept
    }

    fn lock_kept(&self) -> MutexGuard<'_, KeptLogs> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptLogs {
    /// Appends a part, and drops the beginning. Returns whether more was printed than is kept.
    fn append_end(&mut self, part: &[u8], is_stderr: bool, limit: usize) -> bool {
        keep_end(self.output_mut(is_stderr), part, limit);
        keep_end(&mut self.log, part, limit)
    }

    /// Appends what is within the limit. Returns whether the part was cut.
    fn append_start(&mut self, part: &[u8], is_stderr: bool, limit: usize) -> bool {
        let left = limit.saturating_sub(self.log.len());
        let kept = &part[..part.len().min(left)];
        self.log.extend_from_slice(kept);
        self.output_mut(is_stderr).extend_from_slice(kept);

        part.len() > left
    }

    fn output_mut(&mut self, is_stderr: bool) -> &mut Vec<u8> {
        if is_stderr { &mut self.stderr } else { &mut self.stdout }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_share_one_limit() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, ..Limits::default() };
        logs.read_output(&b"abc"[..], false, &limits);
        assert!(!logs.is_truncated());
        logs.read_output(&b"def"[..], true, &limits);
        assert!(logs.is_truncated());
        let kept = logs.into_kept(&limits);
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"abcde"[..], &b"abc"[..], &b"de"[..])
        );
    }

    #[test]
    fn the_end_can_be_kept() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, keeps_end: true, ..Limits::default() };
        logs.read_output(&b"abc"[..], false, &limits);
        logs.read_output(&b"def"[..], true, &limits);
        assert!(logs.is_truncated());
        let kept = logs.into_kept(&limits);
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"bcdef"[..], &b"abc"[..], &b"def"[..])
        );
    }
}

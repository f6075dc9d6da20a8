//! What a container prints, as it comes.

use std::{
    io::Read,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use nosana_sandbox::{Limits, Live, keep_end};

/// Both outputs of one container.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// Where both go as well.
    live: Option<Live>,
    kept: Mutex<Kept>,
    truncated: AtomicBool,
}

/// What was printed so far.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Both, interleaved.
    pub log: Vec<u8>,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: Vec<u8>,
}

impl Logs {
    /// Logs that are passed on as they come.
    pub fn passed_on(live: Option<&Live>) -> Self {
        Self { live: live.cloned(), ..Self::default() }
    }

    /// Reads one output to its end. What goes beyond the limit of both together is not kept, or
    /// drives out what came first.
    pub fn read(&self, mut from: impl Read, is_stderr: bool, limits: &Limits) {
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if let Some(live) = &self.live {
                live.push(&buffer[..length]);
            }
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if limits.keeps_end {
                let part = &buffer[..length];
                keep_end(if is_stderr { &mut kept.stderr } else { &mut kept.stdout }, part, limit);
                if keep_end(&mut kept.log, part, limit) {
                    self.truncated.store(true, Ordering::Relaxed);
                }
                continue;
            }
            let room = limit.saturating_sub(kept.log.len());
            let part = &buffer[..length.min(room)];
            kept.log.extend_from_slice(part);
            if is_stderr { &mut kept.stderr } else { &mut kept.stdout }.extend_from_slice(part);
            if length > room {
                self.truncated.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether more was printed than is kept.
    pub fn truncated(&self) -> bool {
        self.truncated.load(Ordering::Relaxed)
    }

    /// What was printed.
    pub fn into_kept(self, limits: &Limits) -> Kept {
        let mut kept = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
        for output in [&mut kept.log, &mut kept.stdout, &mut kept.stderr] {
            // Each holds up to twice the limit where its end is kept.
            keep_end(output, &[], limit);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_share_one_limit() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, ..Limits::default() };
        logs.read(&b"abc"[..], false, &limits);
        assert!(!logs.truncated());
        logs.read(&b"def"[..], true, &limits);
        assert!(logs.truncated());
        let kept = logs.into_kept(&limits);
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"abcde"[..], &b"abc"[..], &b"de"[..])
        );
    }

    #[test]
    fn the_end_can_be_what_is_kept() {
        let logs = Logs::default();
        let limits = Limits { output_bytes: 5, keeps_end: true, ..Limits::default() };
        logs.read(&b"abc"[..], false, &limits);
        logs.read(&b"def"[..], true, &limits);
        assert!(logs.truncated());
        let kept = logs.into_kept(&limits);
        assert_eq!(
            (&kept.log[..], &kept.stdout[..], &kept.stderr[..]),
            (&b"bcdef"[..], &b"abc"[..], &b"def"[..])
        );
    }
}

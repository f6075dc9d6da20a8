//! What a container prints, as it comes.

use std::{
    io::Read,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Both outputs of one container.
#[derive(Debug, Default)]
pub(crate) struct Logs {
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
    /// Reads one output to its end. What goes beyond `limit_bytes` of both together is not kept.
    pub fn read(&self, mut from: impl Read, is_stderr: bool, limit_bytes: u64) {
        let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
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
    pub fn into_kept(self) -> Kept {
        self.kept.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_share_one_limit() {
        let logs = Logs::default();
        logs.read(&b"abc"[..], false, 5);
        assert!(!logs.truncated());
        logs.read(&b"def"[..], true, 5);
        assert!(logs.truncated());
        let kept = logs.into_kept();
        assert_eq!((&kept.log[..], &kept.stdout[..], &kept.stderr[..]), (&b"abcde"[..], &b"abc"[..], &b"de"[..]));
    }
}

//! What a running command prints, for others to look at meanwhile.

use std::sync::{Arc, Mutex, PoisonError};

use crate::keep_end;

/// What is kept of it, in bytes.
pub const LIVE_BYTES: usize = 16 << 10;

/// The end of what was printed so far, shared by all its clones.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<Printed>>);

#[derive(Debug, Default)]
struct Printed {
    end: Vec<u8>,
    bytes: u64,
}

impl Live {
    /// Adds what was printed.
    pub fn push(&self, part: &[u8]) {
        let mut printed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keep_end(&mut printed.end, part, LIVE_BYTES);
        printed.bytes = printed.bytes.saturating_add(part.len() as u64);
    }

    /// The last bytes, [`LIVE_BYTES`] at most, and how many were printed altogether.
    pub fn read(&self) -> (Vec<u8>, u64) {
        let printed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let beyond = printed.end.len().saturating_sub(LIVE_BYTES);
        (printed.end[beyond..].to_vec(), printed.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{LIVE_BYTES, Live};

    #[test]
    fn the_last_bytes_are_there() {
        let live = Live::default();
        assert_eq!(live.read(), (Vec::new(), 0));
        live.clone().push(b"first");
        assert_eq!(live.read(), (b"first".to_vec(), 5));
        live.push(&[b'x'; LIVE_BYTES - 1]);
        let (end, bytes) = live.read();
        assert_eq!((end.len(), end[0], bytes), (LIVE_BYTES, b't', LIVE_BYTES as u64 + 4));
    }
}

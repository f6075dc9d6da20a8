//! The latest output of a running command, shared with its observers.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{log_buffer::count_partial_start, tail::keep_end};

/// Bytes of output that are kept.
pub const OUTPUT_TAIL_BYTES: usize = 16 << 10;

/// The end of the output so far; clones share it.
#[derive(Clone, Debug, Default)]
pub struct OutputTail(Arc<Mutex<TailState>>);

#[derive(Debug, Default)]
struct TailState {
    end: Vec<u8>,
    total_bytes: u64,
}

impl OutputTail {
    /// Appends output.
    pub fn push(&self, part: &[u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);

        keep_end(&mut state.end, part, OUTPUT_TAIL_BYTES);
        state.total_bytes = state.total_bytes.saturating_add(part.len() as u64);
    }

    /// Returns the last bytes, at most [`OUTPUT_TAIL_BYTES`], from the beginning of a character on,
    /// and how many were printed in total.
    pub fn read(&self) -> (Vec<u8>, u64) {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let beyond = state.end.len().saturating_sub(OUTPUT_TAIL_BYTES);
        let mut end = &state.end[beyond..];
        if state.total_bytes > end.len() as u64 {
            end = &end[count_partial_start(end)..];
        }

        (end.to_vec(), state.total_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{OUTPUT_TAIL_BYTES, OutputTail};

    #[test]
    fn the_last_bytes_are_kept() {
        let tail = OutputTail::default();
        assert_eq!(tail.read(), (Vec::new(), 0));
        tail.clone().push(b"first");
        assert_eq!(tail.read(), (b"first".to_vec(), 5));
        tail.push(&[b'x'; OUTPUT_TAIL_BYTES - 1]);
        let (end, bytes) = tail.read();
        assert_eq!(
            (end.len(), end[0], bytes),
            (OUTPUT_TAIL_BYTES, b't', OUTPUT_TAIL_BYTES as u64 + 4)
        );
    }

    #[test]
    fn the_end_begins_with_a_whole_character() {
        let tail = OutputTail::default();
        tail.push("\u{20ac}".repeat(OUTPUT_TAIL_BYTES).as_bytes());
        let (end, _) = tail.read();
        assert!(std::str::from_utf8(&end).is_ok() && end.len() > OUTPUT_TAIL_BYTES - 3);

        // Nothing is dropped from an output that is short.
        let short = OutputTail::default();
        short.push(b"\x80x");
        assert_eq!(short.read(), (b"\x80x".to_vec(), 2));
    }
}

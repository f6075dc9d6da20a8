//! Keeps a log within a limit: all of a short one, the beginning and the end of a long one.

use crate::{Limits, tail::keep_end};

/// The shortest log, in bytes, in which a notice says what is missing.
const MIN_NOTICE_LIMIT: usize = 1024;
/// What the notice may take, in bytes.
const MAX_NOTICE_BYTES: usize = 160;
/// The most bytes of one character in UTF-8.
const MAX_CHAR_BYTES: usize = 4;

/// The log of a command, within its limit. A log that is too long loses its middle, because a
/// build's first error is at the beginning and a test's summary at the end; or its beginning, if
/// the limits say so.
#[derive(Debug)]
pub struct LogBuffer {
    start: Vec<u8>,
    /// What follows the start; up to twice its limit.
    end: Vec<u8>,
    start_limit: usize,
    end_limit: usize,
    total_bytes: u64,
}

impl LogBuffer {
    /// An empty log with these limits.
    pub fn new(limits: &Limits) -> Self {
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
        let start_limit = if limits.keeps_end { 0 } else { limit / 2 };

        Self {
            start: Vec::new(),
            end: Vec::new(),
            start_limit,
            end_limit: limit - start_limit,
            total_bytes: 0,
        }
    }

    /// Appends what was printed.
    pub fn push(&mut self, part: &[u8]) {
        self.total_bytes = self.total_bytes.saturating_add(part.len() as u64);

        let left = self.start_limit - self.start.len();
        let (start, rest) = part.split_at(part.len().min(left));
        self.start.extend_from_slice(start);
        if !rest.is_empty() {
            keep_end(&mut self.end, rest, self.end_limit);
        }
    }

    /// Returns whether more was printed than is kept.
    pub fn is_truncated(&self) -> bool {
        self.total_bytes > self.limit() as u64
    }

    /// Returns what is kept. Where the middle is missing, a line says so.
    pub fn into_log(self) -> Vec<u8> {
        if !self.is_truncated() || self.start_limit == 0 || self.limit() < MIN_NOTICE_LIMIT {
            return self.into_bytes();
        }

        let (limit, total_bytes) = (self.limit(), self.total_bytes);
        let (mut log, end) = self.into_parts(MAX_NOTICE_BYTES);
        let missing = total_bytes.saturating_sub((log.len() + end.len()) as u64);

        if !log.ends_with(b"\n") {
            log.push(b'\n');
        }
        let notice = format!(
            "[node] {missing} bytes of {total_bytes} are left out here: the log may have {limit}\n"
        );
        log.extend_from_slice(notice.as_bytes());
        log.extend_from_slice(&end);
        log
    }

    /// Returns what is kept, without a notice.
    pub fn into_bytes(self) -> Vec<u8> {
        let (mut bytes, end) = self.into_parts(0);
        bytes.extend_from_slice(&end);
        bytes
    }

    fn limit(&self) -> usize {
        self.start_limit + self.end_limit
    }

    /// Returns the beginning and the end. A cut leaves whole characters, and `spare` bytes of the
    /// limit.
    fn into_parts(mut self, spare: usize) -> (Vec<u8>, Vec<u8>) {
        if self.is_truncated() {
            keep_end(&mut self.end, &[], self.end_limit.saturating_sub(spare));
            self.end.drain(..count_partial_start(&self.end));
            self.start.truncate(self.start.len() - count_partial_end(&self.start));
        }
        (self.start, self.end)
    }
}

/// Returns how many bytes at the beginning belong to a character that was cut.
pub(crate) fn count_partial_start(bytes: &[u8]) -> usize {
    let is_inner = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    bytes.iter().take(MAX_CHAR_BYTES - 1).take_while(is_inner).count()
}

/// Returns how many bytes at the end belong to a character that was cut.
fn count_partial_end(bytes: &[u8]) -> usize {
    let last = &bytes[bytes.len().saturating_sub(MAX_CHAR_BYTES - 1)..];

    for (index, byte) in last.iter().enumerate() {
        let char_bytes = match byte {
            0b1100_0000..=0b1101_1111 => 2,
            0b1110_0000..=0b1110_1111 => 3,
            0b1111_0000..=0b1111_0111 => 4,
            _ => 1,
        };
        let available = last.len() - index;
        if char_bytes > available {
            return available;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(parts: &[&[u8]], output_bytes: u64, keeps_end: bool) -> (Vec<u8>, bool) {
        let mut log = LogBuffer::new(&Limits { output_bytes, keeps_end, ..Limits::default() });
        parts.iter().for_each(|part| log.push(part));
        let is_truncated = log.is_truncated();
        (log.into_log(), is_truncated)
    }

    #[test]
    fn a_log_within_its_limit_is_whole() {
        let lines: Vec<u8> = (0..2000).map(|at| b'a' + (at % 26) as u8).collect();
        for keeps_end in [false, true] {
            for size in [1, 7, 999, 2000] {
                let parts: Vec<&[u8]> = lines.chunks(size).collect();
                assert_eq!(log_of(&parts, 2000, keeps_end), (lines.clone(), false));
            }
        }
        assert_eq!(log_of(&[], 1, false), (Vec::new(), false));
    }

    #[test]
    fn a_long_log_loses_its_middle_and_says_how_much() {
        let lines: Vec<String> = (0..100_000).map(|number| format!("line {number}\n")).collect();
        let all = lines.concat();
        for size in [10, 4096, all.len()] {
            let parts: Vec<&[u8]> = all.as_bytes().chunks(size).collect();
            let (log, is_truncated) = log_of(&parts, 10_000, false);
            let log = String::from_utf8(log).unwrap();
            assert!(is_truncated && (9_700..=10_000).contains(&log.len()), "{}", log.len());
            assert!(log.starts_with("line 0\nline 1\n") && log.ends_with("line 99999\n"));

            let (start, rest) = log.split_once("[node] ").unwrap();
            let (notice, end) = rest.split_once('\n').unwrap();
            let missing: usize = notice.split(' ').next().unwrap().parse().unwrap();
            let kept = start.trim_end_matches('\n').len() + end.len();
            assert!(missing + kept <= all.len() && missing + kept + 1 >= all.len(), "{notice}");
        }
    }

    #[test]
    fn the_end_alone_can_be_kept_and_a_tiny_log_has_no_notice() {
        assert_eq!(log_of(&[b"abc", b"defgh"], 5, true), (b"defgh".to_vec(), true));
        assert_eq!(log_of(&[b"abc", b"defgh"], 5, false), (b"abfgh".to_vec(), true));
        assert_eq!(log_of(&[b"abc"], 1, false), (b"c".to_vec(), true));
    }

    #[test]
    fn a_cut_leaves_whole_characters() {
        let text = "\u{e9}\u{20ac}\u{1f980}".repeat(2_000);
        for shift in 0..9 {
            let text = [&"x".repeat(shift), text.as_str()].concat();
            for keeps_end in [false, true] {
                for limit in [50, 3_000] {
                    let (log, is_truncated) = log_of(&[text.as_bytes()], limit, keeps_end);
                    let is_whole = std::str::from_utf8(&log).is_ok();
                    assert!(is_truncated && is_whole, "{shift} {keeps_end} {limit}");
                }
            }
        }
        assert_eq!(count_partial_end(b"a"), 0);
        assert_eq!(count_partial_end(&[b'a', 0xf0, 0x9f, 0xa6]), 3);
    }
}

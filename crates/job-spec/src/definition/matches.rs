//! What results take from a log. A client can repeat this on a stored log to check a node.

use super::result_rule::{LogStream, ResultRule};

/// The most matches of one result.
pub const MAX_MATCHES: usize = 1000;
/// The longest match, in characters.
const MAX_MATCH_CHARACTERS: usize = 4096;
/// The most bytes of all matches of one result. The results of an operation must fit into one
/// stored JSON file, even if every byte is written as an escape of six: otherwise a node does the
/// work and cannot submit its result.
const MAX_RESULT_BYTES: usize = 32 * 1024;
/// The length of each stream's end that is searched, in bytes.
const SEARCHED_BYTES: usize = 256 * 1024;
/// The length of a line's end that a large expression searches, in bytes. A single search cannot be
/// stopped, and its time is that of the expression's size times the length of the line.
const SEARCHED_LINE_BYTES: usize = 32 * 1024;

impl ResultRule {
    /// The matches, in order: the first group of each if the expression has groups, otherwise the
    /// whole match. Each line is searched by itself. Standard output comes before standard error.
    /// The last 256 KiB of each stream are searched, from the first line that begins there; of a
    /// longer line, a large expression searches the last 32 KiB.
    pub fn matches(&self, stdout: &[u8], stderr: &[u8]) -> Vec<String> {
        self.matches_unless(stdout, stderr, || false)
    }

    /// Like [`Self::matches`], but returns the matches so far once `is_stopped` returns true. It is
    /// called before every search, of which none takes more than seconds.
    pub fn matches_unless(
        &self,
        stdout: &[u8],
        stderr: &[u8],
        is_stopped: impl Fn() -> bool,
    ) -> Vec<String> {
        let Ok(regex) = self.compile_regex() else { return Vec::new() };
        let line_bytes = if self.is_large() { SEARCHED_LINE_BYTES } else { SEARCHED_BYTES };

        let streams = [(LogStream::Stdout, stdout), (LogStream::Stderr, stderr)];
        let mut found = Vec::new();
        let mut found_bytes = 0;

        for (_, log) in streams.iter().filter(|(stream, _)| self.streams().contains(stream)) {
            let log = String::from_utf8_lossy(searched_part(log));

            for line in split_lines(&log) {
                let mut searches = regex.captures_iter(line_end(line, line_bytes));
                loop {
                    if is_stopped() {
                        return found;
                    }

                    let Some(captures) = searches.next() else { break };
                    let Some(text) = captures.get(1).or_else(|| captures.get(0)) else { continue };
                    let text: String = text.as_str().chars().take(MAX_MATCH_CHARACTERS).collect();
                    found_bytes += text.len();

                    if found.len() == MAX_MATCHES || found_bytes > MAX_RESULT_BYTES {
                        return found;
                    }
                    found.push(text);
                }
            }
        }
        found
    }
}

/// The end of a line, of at most so many bytes.
fn line_end(line: &str, max_bytes: usize) -> &str {
    let start = line.len().saturating_sub(max_bytes);
    &line[line.ceil_char_boundary(start)..]
}

/// The part of a log that is searched. It does not begin within a line, unless it is the end of one
/// line.
fn searched_part(log: &[u8]) -> &[u8] {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = log.len().saturating_sub(SEARCHED_BYTES);
    let part = &log[start..];
    let begins_a_line = start == 0 || is_line_end(&log[start - 1]);

    match part.iter().position(is_line_end) {
        Some(end) if !begins_a_line && end + 1 < part.len() => &part[end + 1..],
        Some(_) | None => part,
    }
}

/// The lines of a log. A carriage return ends a line as well: programs print it before the next
/// state of a progress bar.
fn split_lines(log: &str) -> impl Iterator<Item = &str> {
    log.lines().flat_map(|line| line.trim_end_matches('\r').split('\r'))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::StreamRule;

    fn matches(regex: &str, log: &str) -> Vec<String> {
        ResultRule::Regex(regex.to_owned()).matches(log.as_bytes(), b"")
    }

    #[test]
    fn each_line_is_searched_by_itself() {
        let log = "start\nanswer=42\nend\n";
        for regex in ["^answer=.*", "^answer=[0-9]+$"] {
            assert_eq!(matches(regex, log), ["answer=42"], "{regex}");
        }
        assert_eq!(matches("answer=([0-9]+)", log), ["42"]);
        assert_eq!(matches("^end$", log), ["end"]);
        assert_eq!(matches(r"\Astart\z", log), ["start"]);
        assert_eq!(matches(r"start\s+answer", log), [""; 0], "no match spans lines");
        assert_eq!(matches("[^x]+", log), ["start", "answer=42", "end"]);
        assert_eq!(matches("^a=.$", "a=1\r\na=2\ra=3\r\n"), ["a=1", "a=2", "a=3"]);
    }

    #[test]
    fn a_line_that_is_cut_off_is_not_searched() {
        let long = format!("loss=1{}\nloss=2\n", "x".repeat(SEARCHED_BYTES - 8));
        assert_eq!(matches("^x+|loss=.", &long), ["loss=2"]);
        let whole = format!("first\n{}\n", "y".repeat(SEARCHED_BYTES - 1));
        assert_eq!(matches("^y", &whole), ["y"], "the line begins where the search does");
        for end in ["", "\n"] {
            let endless = "z".repeat(SEARCHED_BYTES + 9) + end;
            assert_eq!(matches("z$", &endless), ["z"]);
        }
    }

    #[test]
    fn a_search_that_takes_long_can_be_stopped() {
        let mut state = 1_u64;
        let line: String = (0..SEARCHED_BYTES)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if state >> 63 == 0 { 'a' } else { 'b' }
            })
            .collect();
        let slow = ResultRule::Regex("[ab]*a[ab]{2500}[c-e]".to_owned());

        let begun = Instant::now();
        let is_late = || begun.elapsed() > Duration::from_millis(1);
        for _ in 0..64 {
            assert_eq!(slow.matches_unless(line.as_bytes(), b"", is_late), [""; 0]);
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_large_expression_searches_the_end_of_a_long_line() {
        let large = "(first|last|[ab]{2500})";
        let line = format!("first{}last", "ä".repeat(SEARCHED_LINE_BYTES));
        assert_eq!(matches(large, &line), ["last"]);
        assert_eq!(matches(large, "first last\nfirst"), ["first", "last", "first"]);
        assert_eq!(matches("(first|last)", &line), ["first", "last"]);
    }

    #[test]
    fn groups_and_streams_are_respected() {
        let out = b"loss: 0.5\nloss: 0.25\n".as_slice();
        let err = b"loss: 9\n".as_slice();

        let streamed = |streams: &[LogStream]| {
            let rule = StreamRule { regex: "loss: ([0-9.]+)".into(), streams: streams.to_vec() };
            ResultRule::Streams(rule).matches(out, err)
        };
        assert_eq!(
            ResultRule::Regex("loss: [0-9.]+".into()).matches(out, err),
            ["loss: 0.5", "loss: 0.25", "loss: 9"],
            "a plain rule is for both streams"
        );
        assert_eq!(streamed(&[LogStream::Stdout]), ["0.5", "0.25"]);
        assert_eq!(streamed(&[LogStream::Stderr]), ["9"]);
        assert_eq!(streamed(&[LogStream::Stderr, LogStream::Stdout]), ["0.5", "0.25", "9"]);
        assert_eq!(ResultRule::Regex("nothing".into()).matches(out, err), [""; 0]);
        assert_eq!(ResultRule::Regex("x".into()).matches(&[b'x'; 5000], err).len(), MAX_MATCHES);
        let lines = "y".repeat(4000) + "\n";
        let many = ResultRule::Regex(".+".into()).matches(lines.repeat(100).as_bytes(), err);
        assert_eq!(many.len(), MAX_RESULT_BYTES / 4000);
    }
}

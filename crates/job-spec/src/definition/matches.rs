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

impl ResultRule {
    /// The matches, in order: the first group of each if the expression has groups, otherwise the
    /// whole match. Standard output comes before standard error. The last 256 KiB of each stream
    /// are searched.
    pub fn matches(&self, stdout: &[u8], stderr: &[u8]) -> Vec<String> {
        self.matches_unless(stdout, stderr, || false)
    }

    /// Like [`Self::matches`], but returns the matches so far once `is_stopped` returns true. It is
    /// called before every search.
    pub fn matches_unless(
        &self,
        stdout: &[u8],
        stderr: &[u8],
        is_stopped: impl Fn() -> bool,
    ) -> Vec<String> {
        let Ok(regex) = self.compile_regex() else { return Vec::new() };

        let streams = [(LogStream::Stdout, stdout), (LogStream::Stderr, stderr)];
        let mut found = Vec::new();
        let mut found_bytes = 0;

        for (_, log) in streams.iter().filter(|(stream, _)| self.streams().contains(stream)) {
            let log = String::from_utf8_lossy(&log[log.len().saturating_sub(SEARCHED_BYTES)..]);

            for captures in regex.captures_iter(&log) {
                if is_stopped() {
                    return found;
                }

                let Some(text) = captures.get(1).or_else(|| captures.get(0)) else { continue };
                let text: String = text.as_str().chars().take(MAX_MATCH_CHARACTERS).collect();
                found_bytes += text.len();

                if found.len() == MAX_MATCHES || found_bytes > MAX_RESULT_BYTES {
                    return found;
                }
                found.push(text);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamRule;

    #[test]
    fn groups_and_streams_are_respected() {
        let out = b"loss: 0.5\nloss: 0.25\n".as_slice();
        let err = b"loss: 9\n".as_slice();

        assert_eq!(
            ResultRule::Regex("loss: [0-9.]+".into()).matches(out, err),
            ["loss: 0.5", "loss: 0.25"]
        );
        let streams = vec![LogStream::Stderr, LogStream::Stdout];
        let both = ResultRule::Streams(StreamRule { regex: "loss: ([0-9.]+)".into(), streams });
        assert_eq!(both.matches(out, err), ["0.5", "0.25", "9"]);
        assert_eq!(ResultRule::Regex("nothing".into()).matches(out, err), [""; 0]);
        assert_eq!(ResultRule::Regex("x".into()).matches(&[b'x'; 5000], err).len(), MAX_MATCHES);
        let lines = "y".repeat(4000) + "\n";
        let many = ResultRule::Regex(".+".into()).matches(lines.repeat(100).as_bytes(), err);
        assert_eq!(many.len(), MAX_RESULT_BYTES / 4000);
    }
}

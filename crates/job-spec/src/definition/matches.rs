//! What results take from a log. Clients can do the same, and so check a node.

use regex::{Regex, RegexBuilder};

use super::{LogStream, ResultRule};

/// The most matches of one result.
pub const MAX_MATCHES: usize = 1000;
/// The longest match, in characters.
const MAX_MATCH_CHARACTERS: usize = 4096;
/// The most bytes of all matches of one result: the results of an operation must fit into one
/// stored JSON file, even where every byte is written as an escape of six, or a node works without
/// being able to answer.
const MAX_RESULT_BYTES: usize = 32 * 1024;

/// The largest expression, as it is compiled. A search takes as long as that times the text.
const MAX_COMPILED_BYTES: usize = 256 * 1024;
/// How much of each stream's end is searched.
const SEARCHED_BYTES: usize = 256 * 1024;

/// Compiles the expression of a rule.
pub(super) fn compile(regex: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(regex).size_limit(MAX_COMPILED_BYTES).build()
}

impl ResultRule {
    /// The matches, in order: the first group of each where the expression has groups, else all of
    /// it. Of the streams, the standard output comes first, and of each the last 256 KiB are
    /// searched.
    pub fn matches(&self, stdout: &[u8], stderr: &[u8]) -> Vec<String> {
        self.matches_unless(stdout, stderr, || false)
    }

    /// The same, up to the moment when `stop` says that nobody wants to know any more. It is asked
    /// before every search.
    pub fn matches_unless(
        &self,
        stdout: &[u8],
        stderr: &[u8],
        stop: impl Fn() -> bool,
    ) -> Vec<String> {
        let Ok(regex) = compile(self.regex()) else { return Vec::new() };
        let streams = [(LogStream::Stdout, stdout), (LogStream::Stderr, stderr)];
        let (mut found, mut bytes) = (Vec::new(), 0);
        for (_, text) in streams.iter().filter(|(stream, _)| self.streams().contains(stream)) {
            let text = String::from_utf8_lossy(&text[text.len().saturating_sub(SEARCHED_BYTES)..]);
            for captures in regex.captures_iter(&text) {
                if stop() {
                    return found;
                }
                let Some(text) = captures.get(1).or_else(|| captures.get(0)) else { continue };
                let text: String = text.as_str().chars().take(MAX_MATCH_CHARACTERS).collect();
                bytes += text.len();
                if found.len() == MAX_MATCHES || bytes > MAX_RESULT_BYTES {
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
        let (out, err) = (b"loss: 0.5\nloss: 0.25\n".as_slice(), b"loss: 9\n".as_slice());
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

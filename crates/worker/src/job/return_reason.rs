//! Why this node cannot finish a job: the cause for the chain, and the words for the client.

use anyhow::Error;
use nosana_job_spec::{ContentId, MAX_RETURN_TEXT_BYTES, ReturnReport};
use nosana_protocol::job::ReturnCause;

use crate::{live_jobs::LiveRun, return_cause::find_cause};

/// What strangers read in the place of a path of this machine.
const HIDDEN_PATH: &str = "[path]";
/// The characters that end a path within a word.
const PATH_ENDS: [char; 9] = ['`', '\'', '"', ',', ';', ':', ')', ']', '>'];

/// Why this node cannot finish a job.
#[derive(Clone, Debug)]
pub(super) struct ReturnReason {
    /// The number that the chain stores.
    pub cause: ReturnCause,
    /// The reason in words, for the owner of this node.
    pub text: String,
    /// The end of what a service printed, and how many bytes it printed in all.
    log: (Vec<u8>, u64),
}

impl ReturnReason {
    /// A reason for the owner, with the cause for the chain.
    pub fn new(cause: ReturnCause, text: String) -> Self {
        Self { cause, text, log: (Vec::new(), 0) }
    }

    /// The reason that an error is.
    pub fn from_error(error: &Error) -> Self {
        Self::new(find_cause(error), format!("{error:#}"))
    }

    /// The reason with the end of what a service printed.
    #[must_use]
    pub fn with_log_of(self, run: &LiveRun) -> Self {
        Self { log: run.read_report(), ..self }
    }

    /// What anyone may read about it. Problems of the definition name its own paths only, which its
    /// client needs; other errors name files of this machine.
    pub fn to_public_text(&self) -> String {
        public_text(&self.text, self.cause != ReturnCause::DefinitionInvalid)
    }

    /// The file that the client reads.
    pub fn to_report(&self, definition: ContentId) -> ReturnReport {
        let (log, printed_bytes) = &self.log;

        ReturnReport::new(definition, self.to_public_text()).with_log(log, *printed_bytes)
    }
}

/// Returns the text on one line, without passwords in URLs and, if wanted, without absolute paths,
/// and not longer than [`MAX_RETURN_TEXT_BYTES`].
fn public_text(text: &str, hides_paths: bool) -> String {
    let printable = text.replace(char::is_control, " ");
    let words = printable.split_whitespace().map(|word| match word.split_once("://") {
        Some((scheme, rest)) => public_url(scheme, rest),
        None if hides_paths => hide_paths(word),
        None => word.to_owned(),
    });

    let mut public = words.collect::<Vec<_>>().join(" ");
    let mut end = public.len().min(MAX_RETURN_TEXT_BYTES);
    while !public.is_char_boundary(end) {
        end -= 1;
    }
    public.truncate(end);
    public
}

/// Returns a URL without user, password, query and fragment, which may be secrets of this node; one
/// of a file without its path.
fn public_url(scheme: &str, rest: &str) -> String {
    if scheme.ends_with("file") {
        return HIDDEN_PATH.to_owned();
    }

    let shown = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = shown.split_at(shown.find('/').unwrap_or(shown.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// Returns a word without the absolute paths in it.
fn hide_paths(word: &str) -> String {
    let mut shown = String::new();
    let mut rest = word;

    while let Some(start) = find_path(rest) {
        let (before, path) = rest.split_at(start);
        shown.push_str(before);
        shown.push_str(HIDDEN_PATH);
        rest = &path[path.find(PATH_ENDS).unwrap_or(path.len())..];
    }
    shown + rest
}

/// Returns where an absolute path begins in a word: not that of an image, as in `docker.io/busybox`.
fn find_path(word: &str) -> Option<usize> {
    word.match_indices('/')
        .find(|(at, _)| {
            !word[..*at].ends_with(is_of_path) && word[at + 1..].starts_with(is_of_path)
        })
        .map(|(at, _)| at)
}

fn is_of_path(character: char) -> bool {
    character.is_alphanumeric() || "._-~@/".contains(character)
}

#[cfg(test)]
mod tests {
    use nosana_sandbox::SandboxError;

    use super::*;

    fn report(cause: ReturnCause, text: &str) -> String {
        let reason = ReturnReason::new(cause, text.to_owned());
        reason.to_public_text()
    }

    #[test]
    fn strangers_read_what_concerns_the_job_only() {
        let public = |text| report(ReturnCause::NodeFault, text);
        for (text, shown) in [
            (
                "the image `docker.io/a/b:1` does not exist",
                "the image `docker.io/a/b:1` does not exist",
            ),
            ("cannot write /home/ann/store/x: disk full", "cannot write [path]: disk full"),
            ("mount `/root/a`:/b, --log=/var/x", "mount `[path]`:[path], --log=[path]"),
            ("1/2 of ./a and a / b", "1/2 of ./a and a / b"),
            ("http://ann:pw@127.0.0.1:5001/api?token=1", "http://127.0.0.1:5001/api"),
            ("https://huggingface.co/a/b.gguf: 404", "https://huggingface.co/a/b.gguf: 404"),
            ("file:///home/ann/model", "[path]"),
            ("two\nlines\u{1b}[2J\t", "two lines [2J"),
        ] {
            assert_eq!(public(text), shown);
        }

        let own = report(ReturnCause::DefinitionInvalid, "`/work/out` cannot be used");
        assert_eq!(own, "`/work/out` cannot be used");
    }

    #[test]
    fn words_are_bounded() {
        let long = report(ReturnCause::Unsupported, &"\u{20ac}".repeat(MAX_RETURN_TEXT_BYTES));
        assert_eq!(long, "\u{20ac}".repeat(MAX_RETURN_TEXT_BYTES / 3));
    }

    #[test]
    fn an_error_keeps_its_cause_and_a_service_its_log() {
        let run = LiveRun::service(&nosana_job_spec::JobDefinition::new(Vec::new()));
        run.report_note("it failed");
        let error = Error::new(SandboxError::NoNetwork).context("the operation cannot run here");

        let reason = ReturnReason::from_error(&error).with_log_of(&run);
        let report = reason.to_report(ContentId::from_digest([1; 32]));
        assert_eq!(reason.cause, ReturnCause::Unsupported);
        assert!(report.text.starts_with("the operation cannot run here: "), "{}", report.text);
        assert_eq!((report.log.as_str(), report.printed_bytes), ("[node] it failed\n", 17));
    }
}

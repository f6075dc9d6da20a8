//! Why this node cannot finish a job: the cause for the chain, and the words for the client.

use anyhow::Error;
use nosana_job_spec::{ContentId, ReturnReport};
use nosana_protocol::job::ReturnCause;

use super::public_text::{OwnFolders, PublicText};
use crate::{
    live_jobs::LiveRun,
    return_cause::{find_cause, names_sources},
};

/// Why this node cannot finish a job.
#[derive(Clone, Debug)]
pub(super) struct ReturnReason {
    /// The number that the chain stores.
    pub cause: ReturnCause,
    /// The reason in words, for the owner of this node.
    pub text: String,
    /// Whether the URLs in it are those of the definition, which its client needs. Others may have a
    /// key of this node in their path.
    has_clients_urls: bool,
    /// The end of what a service printed, and how many bytes it printed in all.
    log: (Vec<u8>, u64),
}

impl ReturnReason {
    /// A reason for the owner, with the cause for the chain.
    pub fn new(cause: ReturnCause, text: String) -> Self {
        let has_clients_urls = cause == ReturnCause::DefinitionInvalid;

        Self { cause, text, has_clients_urls, log: (Vec::new(), 0) }
    }

    /// The reason that an error is.
    pub fn from_error(error: &Error) -> Self {
        let reason = Self::new(find_cause(error), format!("{error:#}"));
        let has_clients_urls = reason.has_clients_urls || names_sources(error);

        Self { has_clients_urls, ..reason }
    }

    /// The reason with the end of what a service printed.
    #[must_use]
    pub fn with_log_of(self, run: &LiveRun) -> Self {
        Self { log: run.read_report(), ..self }
    }

    /// What anyone may read about it. Problems of the definition name its own paths only, which its
    /// client needs; other errors name files of this machine.
    pub fn to_public_text(&self, own_folders: &OwnFolders) -> String {
        let rules = PublicText {
            own_folders,
            hides_paths: self.cause != ReturnCause::DefinitionInvalid,
            hides_url_paths: !self.has_clients_urls,
        };
        rules.rewrite(&self.text)
    }

    /// The file that the client reads.
    pub fn to_report(&self, definition: ContentId, own_folders: &OwnFolders) -> ReturnReport {
        let (log, printed_bytes) = &self.log;
        let text = self.to_public_text(own_folders);

        ReturnReport::new(definition, text).with_log(log, *printed_bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nosana_engine::EngineError;
    use nosana_job_spec::MAX_RETURN_TEXT_BYTES;
    use nosana_sandbox::SandboxError;
    use nosana_store::StoreError;

    use super::*;

    fn report(reason: &ReturnReason) -> String {
        reason.to_public_text(&OwnFolders::default())
    }

    fn store_error(problem: &str) -> Error {
        let id = ContentId::from_digest([1; 32]);
        StoreError::Unable { id, problem: problem.to_owned() }.into()
    }

    #[test]
    fn keys_in_the_urls_of_this_node_are_not_published() {
        let unreachable = "error sending request for url (https://rpc.example/v2/KEY)";
        let ipfs = StoreError::Ipfs {
            action: "get a block",
            url: "https://ipfs.example/KEY/api".to_owned(),
            problem: "404 Not Found".to_owned(),
            is_away: false,
        };
        for (error, host) in [
            (store_error(unreachable), "https://rpc.example"),
            (Error::new(ipfs), "https://ipfs.example"),
        ] {
            let text = report(&ReturnReason::from_error(&error.context("no definition")));
            assert!(text.contains(host) && !text.contains("KEY"), "{text}");
        }
        let fault = ReturnReason::new(ReturnCause::NodeFault, unreachable.to_owned());
        assert_eq!(report(&fault), "error sending request for url (https://rpc.example)");
    }

    #[test]
    fn clients_read_which_of_their_sources_fails() {
        let problem = "https://huggingface.co/a/b.gguf: 404".to_owned();
        let sources = EngineError::Sources { model: "a".to_owned(), problem };
        let error = Error::new(Arc::new(sources)).context("the operation cannot run here");

        let text = report(&ReturnReason::from_error(&error));
        assert!(text.ends_with("https://huggingface.co/a/b.gguf: 404"), "{text}");
    }

    #[test]
    fn the_paths_of_a_definition_are_its_clients() {
        let own = "`/work/out` cannot be used".to_owned();
        let reason = |cause| ReturnReason::new(cause, own.clone());
        assert_eq!(report(&reason(ReturnCause::DefinitionInvalid)), own);
        assert_eq!(report(&reason(ReturnCause::NodeFault)), "`[path]` cannot be used");
    }

    #[test]
    fn words_are_bounded() {
        let long = "\u{20ac}".repeat(MAX_RETURN_TEXT_BYTES);
        let reason = ReturnReason::new(ReturnCause::Unsupported, long);
        assert_eq!(report(&reason), "\u{20ac}".repeat(MAX_RETURN_TEXT_BYTES / 3));
    }

    #[test]
    fn an_error_keeps_its_cause_and_a_service_its_log() {
        let run = LiveRun::service(&nosana_job_spec::JobDefinition::new(Vec::new()));
        run.report_note("it failed");
        let error = Error::new(SandboxError::NoNetwork).context("the operation cannot run here");

        let reason = ReturnReason::from_error(&error).with_log_of(&run);
        let report = reason.to_report(ContentId::from_digest([1; 32]), &OwnFolders::default());
        assert_eq!(reason.cause, ReturnCause::Unsupported);
        assert!(report.text.starts_with("the operation cannot run here: "), "{}", report.text);
        assert_eq!((report.log.as_str(), report.printed_bytes), ("[node] it failed\n", 17));
    }
}

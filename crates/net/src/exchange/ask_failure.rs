//! Why no node delivered an object, and whether that is this machine's own trouble.

use nosana_job_spec::ContentId;
use nosana_store::StoreError;

use super::ExchangeError;
use crate::content::{ContentError, ContentRefusal};

/// Why no node delivered an object.
#[derive(Debug, Default)]
pub(super) struct AskFailure {
    /// How many nodes answered.
    answered: usize,
    /// Whether a node has the object, and others used all its places.
    is_busy: bool,
    /// The last problem; one of this machine's disk goes before others.
    problem: Option<ContentError>,
}

impl AskFailure {
    /// Counts a node that answered.
    pub(super) const fn add_answer(&mut self) {
        self.answered += 1;
    }

    pub(super) fn add_problem(&mut self, problem: ContentError) {
        self.is_busy |= is_busy(&problem);
        if !self.problem.as_ref().is_some_and(ContentError::is_storage_trouble) {
            self.problem = Some(problem);
        }
    }

    pub(super) fn describe(self, asked: usize) -> ExchangeError {
        let detail = match self.problem {
            Some(problem) if problem.is_storage_trouble() => {
                return ExchangeError::Storage(Box::new(problem));
            }
            problem => describe_problem(problem),
        };

        match (asked, self.answered) {
            (0, _) => ExchangeError::NoNodes,
            // A single one may be offline by itself.
            (1, 0) => ExchangeError::Silent { detail },
            (2.., 0) => ExchangeError::NoAnswer { asked, detail },
            (_, 1..) if self.is_busy => ExchangeError::Busy { asked, detail },
            (_, 1..) => ExchangeError::NotFound { asked, detail },
        }
    }
}

/// Whether a node has the object, and others use all its places.
pub(super) const fn is_busy(problem: &ContentError) -> bool {
    matches!(problem, ContentError::Refused(ContentRefusal::Busy))
}

pub(super) fn describe_problem(problem: Option<ContentError>) -> String {
    problem.map_or_else(String::new, |problem| format!(" (the last problem: {problem})"))
}

/// The error of a store whose source failed.
pub(super) fn source_error(id: ContentId, error: &ExchangeError) -> StoreError {
    let problem = error.to_string();
    match error {
        ExchangeError::Chain(_)
        | ExchangeError::ChainSilent
        | ExchangeError::NoAnswer { .. }
        | ExchangeError::Storage(_) => StoreError::Unable { id, problem },
        ExchangeError::NoNodes
        | ExchangeError::NoPrivateNode
        | ExchangeError::OnlyNode { .. }
        | ExchangeError::Silent { .. }
        // Who wants to keep a result to itself can always be busy.
        | ExchangeError::Busy { .. }
        | ExchangeError::NotFound { .. } => StoreError::Source { id, problem },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own_trouble(asked: usize, failure: AskFailure) -> bool {
        let error = failure.describe(asked);
        source_error(ContentId::from_digest([1; 32]), &error).is_own_trouble()
    }

    #[test]
    fn what_this_machine_cannot_get_is_told_from_what_nobody_has() {
        let failure = |answered, problem| AskFailure { answered, problem, ..AskFailure::default() };
        assert!(!is_own_trouble(0, failure(0, None)));
        assert!(!is_own_trouble(3, failure(3, None)), "none of them has it");
        assert!(!is_own_trouble(3, failure(1, Some(ContentError::Unreachable))));
        assert!(!is_own_trouble(1, failure(0, Some(ContentError::Unreachable))), "it is offline");
        assert!(is_own_trouble(3, failure(0, Some(ContentError::Unreachable))));

        let silent = source_error(ContentId::from_digest([1; 32]), &ExchangeError::ChainSilent);
        assert!(silent.is_own_trouble(), "nobody was asked");

        let mut full = failure(3, None);
        full.add_problem(ContentError::Staging(std::io::ErrorKind::StorageFull.into()));
        full.add_problem(ContentError::Excess);
        assert!(is_own_trouble(3, full), "a full disk");
    }

    #[test]
    fn a_node_that_is_silent_is_not_said_to_lack_the_object() {
        let describe = |asked, answered| {
            AskFailure { answered, ..AskFailure::default() }.describe(asked).to_string()
        };
        assert!(describe(1, 0).starts_with("the only node that was asked did not answer;"));
        assert!(describe(1, 1).starts_with("1 node was asked, and none has it;"));
        assert!(describe(3, 1).starts_with("3 nodes were asked, and none has it;"));
        assert!(describe(3, 0).starts_with("3 nodes were asked, and none answered;"));
    }

    #[test]
    fn a_busy_node_is_not_said_to_lack_the_object() {
        let mut failure = AskFailure { answered: 3, ..AskFailure::default() };
        failure.add_problem(ContentRefusal::Busy.into());
        failure.add_problem(ContentError::Unreachable);
        let error = failure.describe(3);
        assert!(error.to_string().starts_with("3 nodes were asked, and those that have it"));
        let error = source_error(ContentId::from_digest([1; 32]), &error);
        assert!(!error.is_own_trouble(), "it may hide behind that");
    }
}

//! The definitions that this node refused for good. A job whose definition it cannot run may come
//! back: the node refuses it again at once, without fetching and checking it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Error;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::ReturnCause;

use crate::return_cause::{RefusedBefore, find_cause};

/// The most definitions to remember.
const MAX_REMEMBERED: usize = 1_024;

/// The digest of a definition; the kind of the job, since one kind can be refused and another run;
/// and whether the job is private: what is said about a public one is published.
type Refused = ([u8; 32], u8, u8);

/// Definitions that this process refused.
#[derive(Debug, Default)]
pub(crate) struct RefusedDefinitions(Mutex<HashMap<Refused, RefusedBefore>>);

impl RefusedDefinitions {
    /// Returns why the job's definition was refused for jobs of its kind, if it was.
    pub fn find(&self, job: &Job) -> Option<RefusedBefore> {
        self.lock().get(&key_of(job)).cloned()
    }

    /// Remembers that the job's definition was refused for `error`, if that will not change while
    /// this process runs.
    pub fn remember(&self, job: &Job, error: &Error) {
        let cause = find_cause(error);
        if !is_permanent(cause) {
            return;
        }

        let mut refused = self.lock();
        if refused.len() >= MAX_REMEMBERED {
            refused.clear();
        }
        refused.insert(key_of(job), RefusedBefore::new(cause, format!("{error:#}")));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Refused, RefusedBefore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_of(job: &Job) -> Refused {
    (job.definition, job.kind, job.is_private)
}

/// Returns whether the same node would refuse the definition again.
fn is_permanent(cause: ReturnCause) -> bool {
    matches!(cause, ReturnCause::DefinitionInvalid | ReturnCause::Unsupported)
}

#[cfg(test)]
mod tests {
    use nosana_sandbox::SandboxError;
    use nosana_store::StoreError;

    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    #[test]
    fn nothing_that_was_said_about_a_private_job_is_said_about_a_public_one() {
        let refused = RefusedDefinitions::default();
        let public = Job { definition: [1; 32], ..zeroed_job() };
        let private = Job { is_private: 1, ..public };

        refused.remember(&private, &SandboxError::NoNetwork.into());
        assert!(refused.find(&private).is_some());
        assert!(refused.find(&public).is_none());
    }

    #[test]
    fn only_what_stays_so_is_remembered() {
        let refused = RefusedDefinitions::default();
        let job = |byte| Job { definition: [byte; 32], ..zeroed_job() };
        refused.remember(&job(1), &SandboxError::NoNetwork.into());
        let again = refused.find(&job(1)).unwrap();
        let of_another_kind = Job { kind: 2, ..job(1) };
        assert!(refused.find(&of_another_kind).is_none());
        assert_eq!(again.cause, ReturnCause::Unsupported);
        assert!(again.to_string().contains("no network"), "{again}");
        assert_eq!(find_cause(&again.into()), ReturnCause::Unsupported);

        let folder = tempfile::tempdir().unwrap();
        let store = nosana_store::Store::open(folder.path()).unwrap();
        let missing: StoreError =
            store.get_definition(&nosana_job_spec::ContentId::from_digest([9; 32])).unwrap_err();
        refused.remember(&job(2), &missing.into());
        assert!(refused.find(&job(2)).is_none(), "the content may arrive");
    }
}

//! The definitions that this node refused for good. A job whose definition it cannot run may come
//! back: the node refuses it again at once, without fetching and checking it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Error;
use nosana_protocol::job::ReturnCause;

use crate::return_cause::{RefusedBefore, find_cause};

/// The most definitions to remember.
const MAX_REMEMBERED: usize = 1_024;

/// Definitions that this process refused, by their digests.
#[derive(Debug, Default)]
pub(crate) struct RefusedDefinitions(Mutex<HashMap<[u8; 32], RefusedBefore>>);

impl RefusedDefinitions {
    /// Returns why this definition was refused, if it was.
    pub fn find(&self, definition: &[u8; 32]) -> Option<RefusedBefore> {
        self.lock().get(definition).cloned()
    }

    /// Remembers that this definition was refused for `error`, if that will not change while this
    /// process runs.
    pub fn remember(&self, definition: [u8; 32], error: &Error) {
        let cause = find_cause(error);
        if !is_permanent(cause) {
            return;
        }

        let mut refused = self.lock();
        if refused.len() >= MAX_REMEMBERED {
            refused.clear();
        }
        refused.insert(definition, RefusedBefore::new(cause, format!("{error:#}")));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], RefusedBefore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    #[test]
    fn only_what_stays_so_is_remembered() {
        let refused = RefusedDefinitions::default();
        refused.remember([1; 32], &SandboxError::NoNetwork.into());
        let again = refused.find(&[1; 32]).unwrap();
        assert_eq!(again.cause, ReturnCause::Unsupported);
        assert!(again.to_string().contains("no network"), "{again}");
        assert_eq!(find_cause(&again.into()), ReturnCause::Unsupported);

        let folder = tempfile::tempdir().unwrap();
        let store = nosana_store::Store::open(folder.path()).unwrap();
        let missing: StoreError =
            store.get_definition(&nosana_job_spec::ContentId::from_digest([9; 32])).unwrap_err();
        refused.remember([2; 32], &missing.into());
        assert!(refused.find(&[2; 32]).is_none(), "the content may arrive");
    }
}

//! Which inputs the definitions of private jobs name: a definition is parsed once, however many
//! objects its client offers.

use std::collections::{HashMap, HashSet};

use nosana_job_spec::ContentId;
use nosana_store::Store;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::exchange::list_input_content;

/// More definitions than this are forgotten.
const MAX_REMEMBERED: usize = 64;

/// The inputs of definitions. The lock is also the turn of the one that parses: one at a time.
#[derive(Debug, Default)]
pub(super) struct InputCache {
    inputs: Mutex<HashMap<ContentId, HashSet<ContentId>>>,
}

impl InputCache {
    /// Whether the definition, which is in the store, names this input.
    pub(super) async fn has_input(
        &self,
        store: &Store,
        definition: ContentId,
        input: ContentId,
    ) -> bool {
        let mut known = self.inputs.lock().await;
        if let Some(inputs) = known.get(&definition) {
            return inputs.contains(&input);
        }

        let local = store.clone();
        let listing = spawn_blocking(move || list_input_content(&local, &definition));
        // A definition that is not here yet may come.
        let Ok(Ok(listed)) = listing.await else { return false };

        let inputs: HashSet<ContentId> = listed.into_iter().collect();
        let is_named = inputs.contains(&input);
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.insert(definition, inputs);
        is_named
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use nosana_job_spec::{
        CommandArgs, CommandInput, CommandLimits, JobDefinition, Operation, Step, StepCommand,
    };

    use super::*;

    fn define_job(input: ContentId) -> JobDefinition {
        let step = Step {
            name: "run".to_owned(),
            run: StepCommand::Line("true".to_owned()),
            shell: None,
            timeout_seconds: None,
        };
        let args = CommandArgs {
            steps: vec![step],
            env: BTreeMap::new(),
            working_directory: None,
            inputs: vec![CommandInput { path: "in.txt".into(), content: input, unpack: false }],
            artifacts: Vec::new(),
            network: false,
            expose: Vec::new(),
            limits: CommandLimits::default(),
        };
        JobDefinition::new(vec![Operation::CommandRun { id: "run".to_owned(), args }])
    }

    #[tokio::test]
    async fn a_definition_that_comes_later_is_read_then() {
        let [folder, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        let [input, other] = [1, 2].map(|byte| ContentId::from_digest([byte; 32]));
        let job = define_job(input);
        let definition = Store::open(elsewhere.path()).unwrap().put_json(&job).unwrap();

        let cache = InputCache::default();
        assert!(!cache.has_input(&store, definition, input).await);
        store.put_json(&job).unwrap();
        assert!(cache.has_input(&store, definition, input).await);
        assert!(!cache.has_input(&store, definition, other).await);
    }
}

//! What is looked at before the node commits itself: the definition before the start, the result
//! before the end.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_store::{MAX_JSON_BYTES, Store};

use crate::{Executor, execute::Reserved};

/// Reads a job's definition and checks that this node can run it. What its commands read and the
/// images of its containers are fetched, so that nothing that costs the node a run is waited for
/// later. Images are waited for `until` then.
///
/// # Errors
/// Says why the job has to go back: its definition or an input is missing, damaged or not valid, or
/// it asks for what this node has not.
pub fn definition(
    job: &Job,
    store: &Store,
    executor: &Executor,
    until: Instant,
) -> Result<Reserved> {
    let definition = read(&ContentId::from_digest(job.definition), store)?;
    if job.is_service() {
        definition.validate_service()?;
    }
    executor.can_run(&definition, store, until)
}

/// Room for a job that was started before this process was. None if its definition cannot be read,
/// which its run tells.
pub fn resume(job: &Job, store: &Store, executor: &Executor) -> Option<Reserved> {
    let definition = read(&ContentId::from_digest(job.definition), store).ok()?;
    Some(executor.reserve(&definition))
}

/// Reads a result back, every hash checked, and makes sure that it is a whole answer to this job's
/// definition.
///
/// # Errors
/// If anything of it is missing or damaged, or if it answers another definition.
pub fn result(id: &ContentId, job: &Job, store: &Store) -> Result<()> {
    let asked = ContentId::from_digest(job.definition);
    let result: JobResult = store.get_json(id).context("cannot read the result back")?;
    ensure!(result.definition == asked, "the result answers {}, not {asked}", result.definition);
    result.validate(&read(&asked, store)?).context("the result does not answer the definition")?;
    ensure!(result.succeeded(), "an operation failed");
    for output in result.ops.iter().filter_map(|op| op.output) {
        let bytes = store.get(&output, MAX_JSON_BYTES).context("cannot read an output back")?;
        ensure!(!bytes.is_empty(), "the output {output} is empty");
    }
    Ok(())
}

fn read(id: &ContentId, store: &Store) -> Result<JobDefinition> {
    let bytes = store.get(id, MAX_JSON_BYTES).context("cannot read the job's definition")?;
    JobDefinition::from_json(&bytes).context("the job's definition is not valid")
}

#[cfg(test)]
mod tests {
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{EngineInfo, InferenceArgs, Operation, OperationResult, Task};

    use super::*;
    use crate::zeroed;

    fn define(store: &Store, text: &str) -> ContentId {
        let inputs = vec![text.to_owned()];
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs);
        store
            .put_json(&JobDefinition::new(vec![Operation::InferenceRun { id: "e".into(), args }]))
            .unwrap()
    }

    fn answer(store: &Store, definition: ContentId, output: Option<ContentId>) -> ContentId {
        let op = match output {
            Some(output) => OperationResult::ok("e", 1, 2, output),
            None => OperationResult::failed("e", 1, 2, "no memory"),
        };
        let engine = EngineInfo { adapter: "a".into(), backend: "vulkan".into() };
        store.put_json(&JobResult::new(definition, vec![op], engine)).unwrap()
    }

    #[test]
    fn only_a_whole_answer_to_this_definition_passes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (mine, other) = (define(&store, "mine"), define(&store, "other"));
        let mut job = zeroed::job();
        job.definition = mine.digest();
        let output = store.put(b"vectors").unwrap();
        result(&answer(&store, mine, Some(output)), &job, &store).unwrap();
        let refuse = |id: ContentId, words: &str| {
            let error = format!("{:#}", result(&id, &job, &store).unwrap_err());
            assert!(error.contains(words), "{error}");
        };
        refuse(answer(&store, other, Some(output)), "the result answers");
        refuse(answer(&store, mine, None), "an operation failed");
        refuse(
            answer(&store, mine, Some(ContentId::from_digest([9; 32]))),
            "cannot read an output back",
        );
        refuse(ContentId::from_digest([8; 32]), "cannot read the result back");
    }
}

//! Submits the result of a batch job. Reads it back from the store before: the result on the chain
//! is what the node is paid for.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
};
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_store::{MAX_JSON_BYTES, Store};
use solana_address::Address;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use super::outcome::JobOutcome;
use crate::{
    event_sink::EventSink,
    events::{GaveBack, WorkerEvent},
    kill::kill_point,
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

/// The reason if this node has submitted a result that this process did not produce.
const ANOTHER_PROCESS: &str = "another process with this key finished the job: stop one of the \
                               two; they compete for every job and pay for each attempt";

/// What `finish` submits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Submission {
    /// The result.
    pub result: ContentId,
    /// The commitment to the trace of a verified job; [`actions::NO_TRACE`] for another one.
    pub trace: [u8; 32],
}

impl Worker {
    /// Submits a result. Returns the outcome by the chain's account, even if the answer to the
    /// transaction was lost.
    pub(super) async fn submit_result(
        &self,
        address: Address,
        job: &Job,
        submission: &Submission,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        // The client reads it as soon as the chain names it.
        self.publish_result(address, job, submission.result).await?;
        kill_point("before-finish");
        let Submission { result, trace } = submission;
        let owner = self.config.authority.pubkey();
        let finish = actions::finish(owner, address, job, owner, result.digest(), *trace);
        let sent = self.send(Outgoing::for_job(address, "finish", finish).urgent(), events).await;
        kill_point("after-finish");

        match sent {
            Ok(_) => {}
            Err(error) if refused_with(&error, jobs::Error::DeadlinePassed) => {
                let reason = "the result came after the deadline";
                return self.end_lost_run(address, reason, events).await;
            }
            Err(error) => match self.session.find_account::<Job>(&address).await? {
                Some(job) if self.has_result(&job, result) => {}
                Some(job) if self.runs_here(&job) => return Err(error.into()),
                Some(job) if job.node == self.node && job.result != [0; 32] => {
                    return self.forget_job(address, GaveBack::Lost, ANOTHER_PROCESS, events);
                }
                _ => {
                    let reason = "the job ended before its result";
                    return self.forget_job(address, GaveBack::Lost, reason, events);
                }
            },
        }

        self.replicate_result(address, job, *result);
        self.journal.mark_committed(&address)?;
        events.emit(WorkerEvent::Finished { job: address });
        self.trim_private(address, job, *result).await;
        Ok(JobOutcome::Finished)
    }

    /// Reads a stored result back and verifies it, on a thread that may block: files and hashes
    /// would delay the threads that serve the network.
    pub(super) async fn verify_stored_result(
        &self,
        address: Address,
        result: ContentId,
        job: &Job,
        definition: &Arc<JobDefinition>,
    ) -> Result<Result<()>> {
        let id = ContentId::from_digest(job.definition);
        let definition = Arc::clone(definition);
        let store = self.job_store(&address, job)?;
        Ok(spawn_blocking(move || verify_result(&result, &id, &definition, &store)).await?)
    }
}

/// Reads a result back, checks every hash, and checks that it is a complete answer to the
/// `definition` with this `definition_id`.
///
/// # Errors
/// If any part is missing or damaged, or if the result answers another definition.
fn verify_result(
    id: &ContentId,
    definition_id: &ContentId,
    definition: &JobDefinition,
    store: &Store,
) -> Result<()> {
    let result: JobResult = store.get_json(id).context("cannot read the result back")?;
    ensure!(
        result.definition == *definition_id,
        "the result answers {}, not {definition_id}",
        result.definition
    );
    result.validate(definition).context("the result does not answer the definition")?;
    ensure!(result.succeeded(), "an operation failed");

    for output in result.ops.iter().filter_map(|op| op.output) {
        let bytes = store.get(&output, MAX_JSON_BYTES).context("cannot read an output back")?;
        ensure!(!bytes.is_empty(), "the output {output} is empty");
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{EngineInfo, InferenceArgs, Operation, OperationResult, Task};

    use super::*;

    fn put_definition(store: &Store, text: &str) -> ContentId {
        let inputs = vec![text.to_owned()];
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs);
        store
            .put_json(&JobDefinition::new(vec![Operation::InferenceRun { id: "e".into(), args }]))
            .unwrap()
    }

    fn put_result(store: &Store, definition: ContentId, output: Option<ContentId>) -> ContentId {
        let op = match output {
            Some(output) => OperationResult::ok("e", 1, 2, output),
            None => OperationResult::failed("e", 1, 2, "no memory"),
        };
        let engine = EngineInfo { device: "a".into(), backend: "vulkan".into() };
        store.put_json(&JobResult::new(definition, vec![op], engine)).unwrap()
    }

    #[test]
    fn only_a_whole_answer_to_this_definition_passes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mine = put_definition(&store, "mine");
        let other = put_definition(&store, "other");
        let definition = store.get_definition(&mine).unwrap();
        let verify = |id: ContentId| verify_result(&id, &mine, &definition, &store);

        let output = store.put(b"vectors").unwrap();
        verify(put_result(&store, mine, Some(output))).unwrap();

        let refuse = |id: ContentId, words: &str| {
            let error = format!("{:#}", verify(id).unwrap_err());
            assert!(error.contains(words), "{error}");
        };
        refuse(put_result(&store, other, Some(output)), "the result answers");
        refuse(put_result(&store, mine, None), "an operation failed");
        refuse(
            put_result(&store, mine, Some(ContentId::from_digest([9; 32]))),
            "cannot read an output back",
        );
        refuse(ContentId::from_digest([8; 32]), "cannot read the result back");
    }
}

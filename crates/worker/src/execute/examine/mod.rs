//! Examines results: computes again what other nodes can check, and sketches the work.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`claim`] | what a node claims, read from the store |
//! | [`vote`] | what a panelist votes about it, and which sketch the vote carries |
//! | [`texts`] | the vectors of texts |
//! | [`answers`] | the answers of language models |
//! | [`joined_states`] | the states of all inputs, for one sketch |
//! | [`compare`] | two results of the same work, without a model |

mod answers;
mod claim;
mod compare;
mod joined_states;
#[cfg(test)]
mod tests;
mod texts;
mod vote;

use anyhow::{Context, Result, bail, ensure};
use nosana_engine::{ModelFile, Sketch, sketch_seed};
use nosana_job_spec::{ContentId, InferenceArgs, JobDefinition, JobResult, Operation, Task};
use nosana_sandbox::CancelToken;
use nosana_store::{Store, find_json_id};

pub(crate) use self::claim::Claim;
pub use self::compare::ResultComparison;
use self::{claim::ClaimedOutput, joined_states::JoinedStates};
use super::{
    Executor, device_pool::Precedence, inference::DeviceModels, loaded_models::Runner,
    models::ModelUse,
};

/// What a result looks like to this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// The sketch of this machine's work on the job: for a vote the one that the vote carries,
    /// otherwise that of the inputs with the claimed answers.
    pub sketch: Sketch,
    /// Why the result is wrong; empty if it is right.
    pub faults: Vec<String>,
}

/// What is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// The work alone: the outputs are this machine's own.
    Work,
    /// The work, and whether the outputs are right.
    Outputs,
    /// Whether the outputs are right: the sketch of the work is known, or nobody needs it.
    OutputsAlone,
}

/// One operation, and what is examined of it.
struct Examined<'a> {
    args: &'a InferenceArgs,
    claimed: Option<&'a ClaimedOutput>,
    depth: Depth,
    /// Whether answers may be cut because the job's time was over.
    may_be_cut: bool,
    cancel: &'a CancelToken,
}

/// What all operations show.
struct JobEvidence {
    /// No states of texts if the outputs alone are examined.
    states: JoinedStates,
    faults: Vec<String>,
}

/// What one operation adds.
struct OperationEvidence {
    /// For each input, the states at the places of a sketch.
    states: Vec<Vec<Vec<f32>>>,
    fault: Option<String>,
}

impl Executor {
    /// Sketches the work behind a result of this machine, which need not be stored yet, for the job
    /// with this address.
    ///
    /// # Errors
    /// If it is cancelled, or if an output cannot be read back.
    pub(crate) fn sketch_work(
        &self,
        definition: &JobDefinition,
        result: &JobResult,
        store: &Store,
        job: &[u8; 32],
        cancel: &CancelToken,
    ) -> Result<Sketch> {
        let claim = Claim::of_result(definition, result, store)?;
        ensure!(claim.is_complete(), "the result has an output that does not answer its operation");
        let evidence =
            self.examine(definition, &claim, Depth::Work, Precedence::InOrder, cancel)?;

        let seed = sketch_seed(job, &find_json_id(result)?.digest());
        Ok(Sketch::of_states(&seed, evidence.states.as_slice()))
    }

    /// Computes a job again, and compares what a node claims with it. `seed` chooses the directions
    /// of the sketch.
    ///
    /// # Errors
    /// If it is cancelled, or if this machine cannot run the definition.
    pub(crate) fn examine_claim(
        &self,
        definition: &JobDefinition,
        claim: &Claim,
        seed: &[u8; 32],
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<Examination> {
        let JobEvidence { states, faults } =
            self.examine(definition, claim, Depth::Outputs, precedence, cancel)?;
        Ok(Examination { sketch: Sketch::of_states(seed, states.as_slice()), faults })
    }

    /// Returns why a result is wrong; nothing if it is right. Reads each text once instead of
    /// twice, as it makes no sketch.
    ///
    /// # Errors
    /// If it is cancelled, or if this machine cannot run the definition.
    pub(crate) fn examine_outputs(
        &self,
        definition: &JobDefinition,
        claim: &Claim,
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<Vec<String>> {
        Ok(self.examine(definition, claim, Depth::OutputsAlone, precedence, cancel)?.faults)
    }

    /// Returns the models of a definition, which stay on this machine as long as they are held.
    ///
    /// # Errors
    /// If one is not on this machine.
    pub(crate) fn hold_cached_models(&self, definition: &JobDefinition) -> Result<Vec<ModelFile>> {
        let hold = |operation: &Operation| {
            let digest = inference_args(operation)?.model.digest();
            let file = self.models.open_cached(&digest)?;
            file.with_context(|| format!("the model {digest} is not on this machine"))
        };
        definition.ops.iter().map(hold).collect()
    }

    /// Checks that the models read all inputs of a definition, so that it can be computed.
    ///
    /// # Errors
    /// If an input is longer than its model reads, this machine cannot run the model, or it is
    /// cancelled.
    pub(crate) fn check_inputs(
        &self,
        definition: &JobDefinition,
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<()> {
        for operation in &definition.ops {
            let args = inference_args(operation)?;
            self.devices.examine_on_device(args, precedence, cancel, |device| {
                match &*device.load_model(ModelUse::of_run(args), cancel)? {
                    Runner::Embedder(embedder) => texts::check_lengths(embedder, args),
                    Runner::Generator(generator) => answers::check_lengths(generator, args),
                }
            })?;
        }
        Ok(())
    }

    fn examine(
        &self,
        definition: &JobDefinition,
        claim: &Claim,
        depth: Depth,
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<JobEvidence> {
        let mut faults = claim.faults().to_vec();
        let mut states = JoinedStates::default();

        for (index, operation) in definition.ops.iter().enumerate() {
            let args = inference_args(operation)?;
            let claimed = claim.output(index);
            let may_be_cut = claim.may_be_cut();
            let examined = Examined { args, claimed, depth, may_be_cut, cancel };
            let evidence = self
                .devices
                .examine_on_device(args, precedence, cancel, |device| {
                    device.examine_operation(&examined)
                })
                .with_context(|| format!("operation `{}`", operation.id()))?;

            states.join_inputs(evidence.states);
            faults.extend(evidence.fault.map(|fault| format!("`{}`: {fault}", operation.id())));
        }
        Ok(JobEvidence { states, faults })
    }
}

impl DeviceModels {
    fn examine_operation(&self, examined: &Examined<'_>) -> Result<OperationEvidence> {
        let loading = match examined.depth {
            // A job that is ending still needs the sketch of what it has done.
            Depth::Work => CancelToken::default(),
            Depth::Outputs | Depth::OutputsAlone => examined.cancel.clone(),
        };
        let runner = self.load_model(ModelUse::of_run(examined.args), &loading)?;

        match (&*runner, examined.claimed) {
            (Runner::Embedder(embedder), None) => texts::examine_texts(embedder, None, examined),
            (Runner::Embedder(embedder), Some(ClaimedOutput::Embedding(output))) => {
                texts::examine_texts(embedder, Some(output), examined)
            }
            (Runner::Generator(generator), None) => {
                answers::examine_answers(generator, None, examined)
            }
            (Runner::Generator(generator), Some(ClaimedOutput::Generation(output))) => {
                answers::examine_answers(generator, Some(output), examined)
            }
            (Runner::Embedder(_), Some(ClaimedOutput::Generation(_)))
            | (Runner::Generator(_), Some(ClaimedOutput::Embedding(_))) => {
                bail!("the model is loaded for another task")
            }
        }
    }
}

/// Whether the sketch of the work depends on what a node claims: answers are read with the claimed
/// tokens, and texts are what the definition says.
pub(crate) fn depends_on_claim(definition: &JobDefinition) -> bool {
    let embeds = |operation: &Operation| {
        operation.inference_args().is_some_and(|args| args.task == Task::Embedding)
    };
    !definition.ops.iter().all(embeds)
}

/// The arguments of an operation of a verified job.
fn inference_args(operation: &Operation) -> Result<&InferenceArgs> {
    operation
        .inference_args()
        .with_context(|| format!("operation `{}` cannot be verified", operation.id()))
}

/// The type of output that an operation's task has.
fn read_output(task: Task, store: &Store, id: &ContentId) -> claim::ReadOutput {
    match task {
        Task::Embedding => store.get_json(id).map(ClaimedOutput::Embedding),
        Task::Generation => store.get_json(id).map(ClaimedOutput::Generation),
    }
}

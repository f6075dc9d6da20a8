//! What a node claims with its result, read from the store. A stranger wrote it: what does not have
//! the right form is a fault of the result, and not an error.

use anyhow::Result;
use nosana_job_spec::{
    ContentId, EmbeddingOutput, FinishReason, Generation, GenerationOutput, InferenceArgs,
    JobDefinition, JobResult, Operation, OperationResult, Task,
};
use nosana_store::{Store, StoreError};

use super::read_output;

/// An output as it is read.
pub(super) type ReadOutput = Result<ClaimedOutput, StoreError>;

/// The result of a job: an output for each operation, as far as they have the right form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    outputs: Vec<Option<ClaimedOutput>>,
    faults: Vec<String>,
    /// The operations that failed, as the node says. Each is a fault, too.
    failures: Vec<String>,
    /// The result and its outputs, as far as they have the right form.
    contents: Vec<ContentId>,
    may_be_cut: bool,
}

/// An output that answers its operation by its form.
#[derive(Clone, Debug)]
pub(super) enum ClaimedOutput {
    /// Vectors.
    Embedding(EmbeddingOutput),
    /// Answers.
    Generation(GenerationOutput),
}

impl Claim {
    /// Reads the result of a job with this definition. `may_be_cut`: answers may have been cut,
    /// because the job's time was over.
    ///
    /// # Errors
    /// If a part of it cannot be had now.
    pub fn read(
        store: &Store,
        definition_id: &ContentId,
        definition: &JobDefinition,
        result_id: &ContentId,
        may_be_cut: bool,
    ) -> Result<Self, StoreError> {
        let result: JobResult = match store.get_json(result_id) {
            Ok(result) => result,
            Err(error) if is_malformed(&error) => {
                return Ok(Self::without_outputs(format!("it is not a result: {error}")));
            }
            Err(error) => return Err(error),
        };

        if result.definition != *definition_id {
            return Ok(Self::without_outputs("it answers another definition".to_owned()));
        }
        if let Err(error) = result.validate(definition) {
            return Ok(Self::without_outputs(format!(
                "it does not answer the definition: {error}"
            )));
        }

        let mut claim = Self::of_result(definition, &result, store)?;
        claim.may_be_cut = may_be_cut;
        claim.contents.push(*result_id);
        Ok(claim)
    }

    /// A claim without any output, for this reason.
    pub fn without_outputs(fault: String) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// A wrong claim whose answers are as long as the definition allows, to measure the work.
    pub fn longest(definition: &JobDefinition) -> Self {
        let output = |operation: &Operation| {
            let args = operation.inference_args()?;
            Some(match args.task {
                Task::Embedding => ClaimedOutput::Embedding(EmbeddingOutput::new(Vec::new())),
                Task::Generation => ClaimedOutput::Generation(GenerationOutput {
                    generations: args.inputs.iter().map(|_| longest_answer(args)).collect(),
                }),
            })
        };
        let outputs = definition.ops.iter().map(output).collect();
        Self { outputs, ..Self::default() }
    }

    /// Reads the outputs of a result that answers `definition`.
    pub(super) fn of_result(
        definition: &JobDefinition,
        result: &JobResult,
        store: &Store,
    ) -> Result<Self, StoreError> {
        let mut claim = Self { may_be_cut: true, ..Self::default() };

        for (operation, result) in definition.ops.iter().zip(&result.ops) {
            if result.output.is_none() {
                claim.failures.push(operation.id().to_owned());
            }
            let output = match read_operation(operation, result, store)? {
                Ok(output) => {
                    claim.contents.extend(result.output);
                    Some(output)
                }
                Err(fault) => {
                    claim.faults.push(format!("`{}`: {fault}", operation.id()));
                    None
                }
            };
            claim.outputs.push(output);
        }
        Ok(claim)
    }

    /// Why the result is wrong by its form.
    pub(super) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// The operations that failed, as the node says.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// The result and its outputs, as far as they have the right form. What does not have it may be
    /// any content of this machine, whose identifier the stranger knows.
    pub fn valid_contents(&self) -> &[ContentId] {
        &self.contents
    }

    /// Whether every output has the right form.
    pub(super) fn is_complete(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) const fn may_be_cut(&self) -> bool {
        self.may_be_cut
    }

    /// The outputs: one for each operation, `None` if it does not have the right form.
    pub(super) fn outputs(&self) -> &[Option<ClaimedOutput>] {
        &self.outputs
    }

    /// The output of the operation with this number.
    pub(super) fn output(&self, index: usize) -> Option<&ClaimedOutput> {
        self.outputs.get(index).and_then(Option::as_ref)
    }
}

#[cfg(test)]
impl Claim {
    /// A claim with one output, of a job whose time was over.
    pub(super) fn of_output(output: ClaimedOutput) -> Self {
        Self { outputs: vec![Some(output)], may_be_cut: true, ..Self::default() }
    }
}

/// Reads one output. The inner error: why it does not answer its operation.
fn read_operation(
    operation: &Operation,
    result: &OperationResult,
    store: &Store,
) -> Result<Result<ClaimedOutput, String>, StoreError> {
    let Some(args) = operation.inference_args() else {
        return Ok(Err("it cannot be verified".to_owned()));
    };
    let Some(output) = &result.output else { return Ok(Err("it failed".to_owned())) };

    Ok(match read_output(args.task, store, output) {
        Ok(output) if output.is_well_formed(args) => Ok(output),
        Ok(_) => Err("its output does not have the right shape".to_owned()),
        Err(error) if is_malformed(&error) => Err(format!("its output cannot be read: {error}")),
        Err(error) => return Err(error),
    })
}

fn longest_answer(args: &InferenceArgs) -> Generation {
    let tokens = usize::try_from(args.max_tokens()).unwrap_or(usize::MAX);
    Generation {
        text: String::new(),
        token_ids: vec![0; tokens],
        finish_reason: FinishReason::Length,
        prompt_tokens: 0,
        logprobs: Vec::new(),
    }
}

impl ClaimedOutput {
    fn is_well_formed(&self, args: &InferenceArgs) -> bool {
        let inputs = args.inputs.len();
        match self {
            Self::Embedding(output) => output.is_well_formed(inputs),
            Self::Generation(output) => output.is_well_formed(inputs, args.max_tokens()),
        }
    }
}

/// Whether the content is there, and is not what it should be.
fn is_malformed(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Json { .. } | StoreError::TooLarge { .. } | StoreError::NotAFile { .. }
    )
}

#[cfg(test)]
mod tests {
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{EngineInfo, Task};
    use serde_json::{Value, json};

    use super::*;

    struct Fixture {
        store: Store,
        definition: JobDefinition,
        id: ContentId,
        _folder: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).unwrap();
            let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, ["a text"]);
            let operation = Operation::InferenceRun { id: "embed".to_owned(), args };
            let definition = JobDefinition::new(vec![operation]);
            let id = store.put_json(&definition).unwrap();
            Self { store, definition, id, _folder: folder }
        }

        fn result(&self, output: Option<&Value>) -> JobResult {
            let operation = match output {
                Some(output) => {
                    OperationResult::ok("embed", 1, 2, self.store.put_json(output).unwrap())
                }
                None => OperationResult::failed("embed", 1, 2, "no memory"),
            };
            let engine = EngineInfo { device: "a".into(), backend: "cpu".into() };
            JobResult::new(self.id, vec![operation], engine)
        }

        fn faults(&self, content: &impl serde::Serialize) -> Vec<String> {
            let result = self.store.put_json(content).unwrap();
            self.read(&result).unwrap().faults
        }

        fn read(&self, result: &ContentId) -> Result<Claim, StoreError> {
            Claim::read(&self.store, &self.id, &self.definition, result, false)
        }
    }

    #[test]
    fn what_does_not_have_the_right_form_is_a_fault() {
        let fixture = Fixture::new();
        let good = json!({ "dimensions": 2, "embeddings": [[0.6, 0.8]] });
        let result = fixture.result(Some(&good));
        assert_eq!(fixture.faults(&result), [""; 0]);

        for (output, words) in [
            (json!({ "dimensions": 2, "embeddings": [[0.0, 0.0]] }), "shape"),
            (json!({ "dimensions": 2, "embeddings": [] }), "shape"),
            (json!({ "generations": [] }), "cannot be read"),
        ] {
            let faults = fixture.faults(&fixture.result(Some(&output)));
            assert!(faults.len() == 1 && faults[0].contains(words), "{faults:?}");
        }
        let failed = fixture.faults(&fixture.result(None));
        assert!(failed[0].contains("it failed"), "{failed:?}");
        let failures = |result: &JobResult| {
            let stored = fixture.store.put_json(result).unwrap();
            fixture.read(&stored).unwrap().failures
        };
        assert_eq!(failures(&fixture.result(None)), ["embed"]);
        assert_eq!(failures(&result), [""; 0], "what it delivers did not fail");
        assert!(fixture.faults(&json!([1]))[0].starts_with("it is not a result"));
        let other = ContentId::from_digest([9; 32]);
        let foreign = fixture.faults(&JobResult { definition: other, ..result });
        assert_eq!(foreign, ["it answers another definition"]);
    }

    #[test]
    fn what_does_not_have_the_right_form_is_not_shown() {
        let fixture = Fixture::new();
        let shown = |content: &JobResult| {
            let result = fixture.store.put_json(content).unwrap();
            (result, fixture.read(&result).unwrap().valid_contents().to_vec())
        };
        let good = fixture.result(Some(&json!({ "dimensions": 2, "embeddings": [[0.6, 0.8]] })));
        let (result, contents) = shown(&good);
        assert_eq!(contents, [good.ops[0].output.unwrap(), result]);

        let (result, contents) = shown(&fixture.result(Some(&json!({ "secret": 1 }))));
        assert_eq!(contents, [result], "the output may be that of anybody");
        let other = ContentId::from_digest([9; 32]);
        let (_, contents) = shown(&JobResult { definition: other, ..good });
        assert!(contents.is_empty(), "the result of another job");
        let secret = fixture.store.put(b"a secret").unwrap();
        assert!(fixture.read(&secret).unwrap().valid_contents().is_empty());
    }

    #[test]
    fn the_longest_claim_has_all_tokens_that_an_answer_may_have() {
        let mut args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Generation, ["a", "b"]);
        args.max_tokens = Some(9);
        let operation = Operation::InferenceRun { id: "a".to_owned(), args };
        let claim = Claim::longest(&JobDefinition::new(vec![operation]));
        let Some(ClaimedOutput::Generation(output)) = claim.output(0) else { panic!("{claim:?}") };
        let lengths: Vec<_> = output.generations.iter().map(|each| each.token_ids.len()).collect();
        assert_eq!(lengths, [9, 9]);
    }

    #[test]
    fn what_cannot_be_had_is_an_error() {
        let fixture = Fixture::new();
        assert!(fixture.read(&ContentId::from_digest([8; 32])).is_err());
        let missing = OperationResult::ok("embed", 1, 2, ContentId::from_digest([7; 32]));
        let engine = EngineInfo { device: "a".into(), backend: "cpu".into() };
        let result = JobResult::new(fixture.id, vec![missing], engine);
        let result = fixture.store.put_json(&result).unwrap();
        assert!(fixture.read(&result).is_err());
    }
}

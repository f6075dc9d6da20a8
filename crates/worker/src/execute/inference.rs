//! `inference/run`: the models of this node. Each is loaded when it is first used, and stays.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use nosana_engine::{
    ALL_MINILM_L6_V2, Embedder, End, EngineError, Generation as Answer, Generator, Gpu, ModelStore,
    SMOLLM2_135M_INSTRUCT, check_model,
};
use nosana_job_spec::{
    ContentId, EmbeddingOutput, FinishReason, Generation, GenerationOutput, InferenceArgs, Task,
};
use nosana_sandbox::Cancel;
use nosana_store::Store;

/// The models, on one device. One job uses them at a time, which the pool sees to.
pub(super) struct Models {
    gpu: Gpu,
    files: ModelStore,
    loaded: Mutex<Loaded>,
}

#[derive(Default)]
struct Loaded {
    embedder: Option<Embedder>,
    generator: Option<Generator>,
}

impl Models {
    pub(super) fn new(gpu: Gpu, files: ModelStore) -> Self {
        Self { gpu, files, loaded: Mutex::default() }
    }

    pub(super) const fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Does what is asked, and stores the output.
    pub(super) fn run(
        &self,
        args: &InferenceArgs,
        store: &Store,
        cancel: &Cancel,
    ) -> Result<ContentId> {
        check_model(args)?;
        Ok(match args.task {
            Task::Embedding => store.put_json(&self.embed(&args.inputs)?)?,
            Task::Generation => store.put_json(&self.generate(args, cancel)?)?,
        })
    }

    /// One vector for each input.
    pub(super) fn embed(&self, inputs: &[String]) -> Result<EmbeddingOutput> {
        let mut loaded = self.lock();
        let embedder = match loaded.embedder.take() {
            Some(embedder) => embedder,
            None => Embedder::load(&self.files.ensure(&ALL_MINILM_L6_V2)?, &self.gpu)?,
        };
        let vectors = loaded.embedder.insert(embedder).embed(inputs)?;
        let output =
            EmbeddingOutput::new(vectors.into_iter().map(|vector| vector.to_vec()).collect());
        ensure!(
            output.is_well_formed(inputs.len()),
            "the GPU returned vectors that are not of unit length"
        );
        Ok(output)
    }

    fn generate(&self, args: &InferenceArgs, cancel: &Cancel) -> Result<GenerationOutput> {
        let mut loaded = self.lock();
        let generator = match loaded.generator.take() {
            Some(generator) => generator,
            None => Generator::load(&self.files.ensure(&SMOLLM2_135M_INSTRUCT)?, &self.gpu)?,
        };
        let generator = loaded.generator.insert(generator);
        let max_tokens = args.max_tokens();
        let answer = |input: &String| {
            Ok(stored(generator.generate(input, max_tokens as usize, || !cancel.is_ending())?))
        };
        let generations = args.inputs.iter().map(answer).collect::<Result<_, EngineError>>()?;
        ensure!(!cancel.is_cancelled(), "it was cancelled");
        let output = GenerationOutput { generations };
        ensure!(
            output.is_well_formed(args.inputs.len(), max_tokens),
            "the answers have not the length they should"
        );
        Ok(output)
    }

    /// A job that panicked cannot have left half a model: a model is put in its place when it is
    /// whole.
    fn lock(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stored(answer: Answer) -> Generation {
    Generation {
        text: answer.text,
        token_ids: answer.token_ids,
        finish_reason: match answer.end {
            End::Model => FinishReason::Stop,
            End::Limit => FinishReason::Length,
            End::Interrupted => FinishReason::Time,
        },
        prompt_tokens: u32::try_from(answer.prompt_tokens).unwrap_or(u32::MAX),
    }
}

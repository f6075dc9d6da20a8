//! `inference/run`: the models on one device. Each is loaded when it is first used, and stays.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use nosana_engine::{
    ALL_MINILM_L6_V2, Embedder, EngineError, GeneratedText, GenerationEnd, Generator, Gpu,
    ModelStore, SMOLLM2_135M_INSTRUCT, check_model,
};
use nosana_job_spec::{
    ContentId, EmbeddingOutput, FinishReason, Generation, GenerationOutput, InferenceArgs, Task,
};
use nosana_sandbox::CancelToken;

use super::context::JobContext;

/// The models on one device. The pool gives them to one job at a time.
pub(super) struct DeviceModels {
    gpu: Gpu,
    files: ModelStore,
    loaded: Mutex<LoadedModels>,
}

#[derive(Default)]
struct LoadedModels {
    embedder: Option<Embedder>,
    generator: Option<Generator>,
}

impl DeviceModels {
    pub(super) fn new(gpu: Gpu, files: ModelStore) -> Self {
        Self { gpu, files, loaded: Mutex::default() }
    }

    pub(super) const fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Runs the model on the inputs, and stores the output.
    pub(super) fn run_model(
        &self,
        args: &InferenceArgs,
        context: JobContext<'_>,
    ) -> Result<ContentId> {
        check_model(args)?;

        Ok(match args.task {
            Task::Embedding => context.put_json(&self.embed_inputs(&args.inputs)?)?,
            Task::Generation => context.put_json(&self.generate_answers(args, context.cancel)?)?,
        })
    }

    /// Returns one vector for each input.
    pub(super) fn embed_inputs(&self, inputs: &[String]) -> Result<EmbeddingOutput> {
        let mut loaded = self.lock_models();
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

    fn generate_answers(
        &self,
        args: &InferenceArgs,
        cancel: &CancelToken,
    ) -> Result<GenerationOutput> {
        let mut loaded = self.lock_models();
        let generator = match loaded.generator.take() {
            Some(generator) => generator,
            None => Generator::load(&self.files.ensure(&SMOLLM2_135M_INSTRUCT)?, &self.gpu)?,
        };
        let generator = loaded.generator.insert(generator);

        let max_tokens = args.max_tokens();
        let generate = |input: &String| {
            let answer = generator.generate(input, max_tokens as usize, || !cancel.is_ending())?;
            Ok(stored_generation(answer))
        };
        let generations = args.inputs.iter().map(generate).collect::<Result<_, EngineError>>()?;
        ensure!(!cancel.is_cancelled(), "it was cancelled");

        let output = GenerationOutput { generations };
        ensure!(
            output.is_well_formed(args.inputs.len(), max_tokens),
            "the answers do not have the right length"
        );
        Ok(output)
    }

    /// A job that panicked cannot have left a partial model: a model is put into its place once it
    /// is complete.
    fn lock_models(&self) -> MutexGuard<'_, LoadedModels> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stored_generation(answer: GeneratedText) -> Generation {
    Generation {
        text: answer.text,
        token_ids: answer.token_ids,
        finish_reason: match answer.end {
            GenerationEnd::Model => FinishReason::Stop,
            GenerationEnd::Limit => FinishReason::Length,
            GenerationEnd::Interrupted => FinishReason::Time,
        },
        prompt_tokens: u32::try_from(answer.prompt_tokens).unwrap_or(u32::MAX),
    }
}

//! `inference/run`: the models on one device. Each is loaded when it is first used, and stays.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, Embedder, GeneratedText, GenerationEnd, GenerationOptions, Generator,
    LongText, ModelStore, SMOLLM2_135M_INSTRUCT, Sampling, check_model,
};
use nosana_job_spec::{
    ContentId, EmbeddingOutput, FinishReason, Generation, GenerationOutput, InferenceArgs,
    SamplingArgs, Task,
};
use nosana_sandbox::CancelToken;

use super::context::JobContext;

/// The models on one device. The pool gives them to one job at a time.
pub(super) struct DeviceModels {
    gpu: Device,
    files: ModelStore,
    loaded: Mutex<LoadedModels>,
}

#[derive(Default)]
struct LoadedModels {
    embedder: Option<Embedder>,
    generator: Option<Generator>,
}

impl DeviceModels {
    pub(super) fn new(gpu: Device, files: ModelStore) -> Self {
        Self { gpu, files, loaded: Mutex::default() }
    }

    pub(super) const fn gpu(&self) -> &Device {
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
            Task::Embedding => {
                let long_text = if args.truncate { LongText::Truncate } else { LongText::Refuse };
                context.put_json(&self.embed_inputs(&args.inputs, long_text)?)?
            }
            Task::Generation => context.put_json(&self.generate_answers(args, context.cancel)?)?,
        })
    }

    /// Returns one vector for each input.
    pub(super) fn embed_inputs(
        &self,
        inputs: &[String],
        long_text: LongText,
    ) -> Result<EmbeddingOutput> {
        let mut loaded = self.lock_models();
        let embedder = match loaded.embedder.take() {
            Some(embedder) => embedder,
            None => Embedder::load(&self.files.ensure(&ALL_MINILM_L6_V2)?, &self.gpu)?,
        };

        let vectors = loaded.embedder.insert(embedder).embed(inputs, long_text)?;
        let output = EmbeddingOutput::new(vectors);
        ensure!(
            output.is_well_formed(inputs.len()),
            "the device returned vectors that are not of unit length"
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

        let options = generation_options(args);
        let answers = generator.generate(&args.inputs, &options, || !cancel.is_ending())?;
        let generations = answers.into_iter().map(stored_generation).collect();
        ensure!(!cancel.is_cancelled(), "it was cancelled");

        let output = GenerationOutput { generations };
        ensure!(
            output.is_well_formed(args.inputs.len(), args.max_tokens()),
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

fn generation_options(args: &InferenceArgs) -> GenerationOptions {
    GenerationOptions {
        max_tokens: args.max_tokens() as usize,
        system: args.system.clone(),
        stop: args.stop.clone(),
        sampling: args.sampling.as_ref().map(sampling).unwrap_or_default(),
    }
}

fn sampling(args: &SamplingArgs) -> Sampling {
    let defaults = Sampling::default();

    Sampling {
        temperature: args.temperature.unwrap_or(defaults.temperature),
        top_k: args.top_k.unwrap_or(defaults.top_k),
        top_p: args.top_p.unwrap_or(defaults.top_p),
        min_p: args.min_p.unwrap_or(defaults.min_p),
        repeat_penalty: args.repeat_penalty.unwrap_or(defaults.repeat_penalty),
        seed: args.seed.unwrap_or(defaults.seed),
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

//! `inference/run`: the models on one device. Each is loaded when it is first used, and stays while
//! its memory is not needed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, GeneratedText, GenerationEnd, GenerationOptions, LongText, Prompt,
    Sampling,
};
use nosana_job_spec::{
    ContentId, EmbeddingOutput, FinishReason, Generation, GenerationOutput, InferenceArgs,
    InferenceInput, Message, MessageRole, SamplingArgs, Task, TokenLogprob, TokenLogprobs,
};
use nosana_sandbox::CancelToken;

use super::{
    context::JobContext,
    loaded_models::{LoadedModels, Runner},
    models::{MemoryBudget, ModelUse, Models},
};

/// The longest time to wait for a model that was there when the job started.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3_600);

/// The models on one device. The pool gives them to one job at a time, or to several that ask one
/// model.
pub(super) struct DeviceModels {
    gpu: Device,
    memory: MemoryBudget,
    models: Models,
    loaded: Mutex<LoadedModels>,
}

impl DeviceModels {
    pub(super) fn new(gpu: Device, models: Models) -> Self {
        let memory = MemoryBudget::measure(&gpu);
        Self { gpu, memory, models, loaded: Mutex::default() }
    }

    pub(super) const fn gpu(&self) -> &Device {
        &self.gpu
    }

    pub(super) const fn memory(&self) -> &MemoryBudget {
        &self.memory
    }

    /// Runs the model on the inputs, and stores the output.
    pub(super) fn run_model(
        &self,
        args: &InferenceArgs,
        context: JobContext<'_>,
    ) -> Result<ContentId> {
        Ok(match args.task {
            Task::Embedding => context.put_json(&self.embed_inputs(args, context.cancel)?)?,
            Task::Generation => context.put_json(&self.generate_answers(args, context.cancel)?)?,
        })
    }

    /// Embeds one text with the default model.
    pub(super) fn warm_up(&self) -> Result<()> {
        let texts = vec!["a first sentence".to_owned()];
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, texts);
        self.embed_inputs(&args, &CancelToken::default()).map(drop)
    }

    /// Returns one vector for each input.
    fn embed_inputs(&self, args: &InferenceArgs, cancel: &CancelToken) -> Result<EmbeddingOutput> {
        let runner = self.load_model(ModelUse::of_run(args), cancel)?;
        let Runner::Embedder(embedder) = &*runner else {
            bail!("the model is loaded for another task");
        };

        let long_text = if args.truncate { LongText::Truncate } else { LongText::Refuse };
        let texts: Vec<&str> = args.inputs.iter().filter_map(InferenceInput::as_text).collect();
        let output =
            EmbeddingOutput::new(embedder.embed(&texts, long_text, || !cancel.is_ending())?);
        ensure!(
            output.is_well_formed(args.inputs.len()),
            "the device returned vectors that are not of unit length"
        );
        Ok(output)
    }

    fn generate_answers(
        &self,
        args: &InferenceArgs,
        cancel: &CancelToken,
    ) -> Result<GenerationOutput> {
        let runner = self.load_model(ModelUse::of_run(args), cancel)?;
        let Runner::Generator(generator) = &*runner else {
            bail!("the model is loaded for another task");
        };

        let prompts: Vec<Prompt> = args.inputs.iter().map(|input| prompt(args, input)).collect();
        let options = generation_options(args);
        let answers = generator.generate(&prompts, &options, || !cancel.is_ending())?;
        let generations = answers.into_iter().map(stored_generation).collect();
        ensure!(!cancel.is_cancelled(), "it was cancelled");

        let output = GenerationOutput { generations };
        ensure!(
            output.is_well_formed(args.inputs.len(), args.max_tokens()),
            "the answers do not have the right length"
        );
        Ok(output)
    }

    /// Returns the model of an operation. It was fetched before the job started, unless that was
    /// before this process was.
    pub(super) fn load_model(&self, wanted: ModelUse, cancel: &CancelToken) -> Result<Arc<Runner>> {
        let until = Instant::now() + FETCH_TIMEOUT;
        let check_cancel = || {
            ensure!(!cancel.is_ending() && !cancel.is_cancelled(), "it was cancelled");
            Ok(())
        };
        let prepared = self.models.prepare_model(&wanted, &self.memory, until, check_cancel)?;

        // A job that panicked cannot have left a partial model: a model is put into its place once
        // it is complete.
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.load(prepared, wanted.task, &self.gpu, &self.memory)
    }
}

/// The messages that the model reads for an input.
pub(super) fn prompt(args: &InferenceArgs, input: &InferenceInput) -> Prompt {
    let system = args.system.iter().map(|text| message(MessageRole::System, text));

    Prompt::Chat(match input {
        InferenceInput::Text(text) => system.chain([message(MessageRole::User, text)]).collect(),
        InferenceInput::Conversation(messages) => system.chain(messages.iter().cloned()).collect(),
    })
}

fn message(role: MessageRole, content: &str) -> Message {
    Message { role, content: content.to_owned() }
}

pub(super) fn generation_options(args: &InferenceArgs) -> GenerationOptions {
    GenerationOptions {
        max_tokens: args.max_tokens() as usize,
        stop: args.stop.clone(),
        sampling: args.sampling.as_ref().map(sampling).unwrap_or_default(),
        logprobs: args.logprobs.map(|count| count as usize),
        format: args.format.clone(),
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
        logprobs: answer.logprobs.into_iter().map(stored_logprobs).collect(),
    }
}

fn stored_logprobs(token: nosana_engine::TokenLogprobs) -> TokenLogprobs {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let likeliest = token.likeliest.iter().map(|token| TokenLogprob {
        token_id: token.token_id,
        text: text(&token.bytes),
        logprob: token.logprob,
    });

    TokenLogprobs {
        text: text(&token.chosen.bytes),
        logprob: token.chosen.logprob,
        likeliest: likeliest.collect(),
    }
}

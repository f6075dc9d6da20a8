//! `nosana job generate`: list a job that answers prompts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::SMOLLM2_135M_INSTRUCT;
use nosana_job_spec::{
    AnswerFormat, DEFAULT_MAX_TOKENS, InferenceArgs, InferenceInput, JobDefinition, MAX_LOGPROBS,
    MAX_TOKENS, Operation, SamplingArgs, Task,
};
use serde::de::DeserializeOwned;

use super::{
    list_and_follow::list_and_follow, listing::ListingOptions, verification::VerificationOptions,
};
use crate::commands::model_source::ModelChoice;

/// Prompts for a language model, and how the job is listed.
#[derive(Debug, Args)]
pub struct GenerateOptions {
    /// Prompts, at most 64 together with the conversations; each is answered separately
    #[arg(required_unless_present = "messages")]
    prompts: Vec<String>,
    /// File with a conversation that the model continues: a JSON array of `{"role", "content"}`; can
    /// be repeated
    #[arg(long, value_name = "FILE")]
    messages: Vec<PathBuf>,
    /// Most tokens per answer
    #[arg(
        long,
        default_value_t = DEFAULT_MAX_TOKENS,
        value_parser = clap::value_parser!(u32).range(1..=MAX_TOKENS as i64)
    )]
    max_tokens: u32,
    /// Message before each prompt that sets the model's role
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Text that ends an answer and is not part of it; can be repeated
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// File with the JSON schema that each answer must be valid by
    #[arg(long, value_name = "FILE")]
    json_schema: Option<PathBuf>,
    /// File with the grammar that each answer must follow, in the notation of Lark
    #[arg(long, value_name = "FILE", conflicts_with = "json_schema")]
    grammar: Option<PathBuf>,
    /// Report how likely each token was, and this many of the likeliest ones in its place
    #[arg(
        long,
        value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(..=MAX_LOGPROBS as i64)
    )]
    logprobs: Option<u32>,
    #[command(flatten)]
    model: ModelChoice,
    #[command(flatten)]
    verification: VerificationOptions,
    #[command(flatten)]
    listing: ListingOptions,
    // Last: its heading is that of everything after it.
    #[command(flatten)]
    sampling: SamplingOptions,
}

/// How the model chooses the next token.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sampling")]
struct SamplingOptions {
    /// Divides the scores of tokens: 0 (default) chooses the likeliest token, up to 2
    #[arg(long, value_name = "NUMBER")]
    temperature: Option<f32>,
    /// Choose among this many of the likeliest tokens
    #[arg(long, value_name = "COUNT")]
    top_k: Option<u32>,
    /// Choose among the likeliest tokens that together have this probability, 0 to 1
    #[arg(long, value_name = "NUMBER")]
    top_p: Option<f32>,
    /// Choose among tokens with at least this part of the likeliest one's probability, 0 to 1
    #[arg(long, value_name = "NUMBER")]
    min_p: Option<f32>,
    /// Divides the score of a token among the last 64 ones, 1 to 2
    #[arg(long, value_name = "NUMBER")]
    repeat_penalty: Option<f32>,
    /// Seed of the random numbers
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u32>,
}

impl SamplingOptions {
    /// The arguments of the definition; `None` if no option is set.
    fn to_args(&self) -> Option<SamplingArgs> {
        let args = SamplingArgs {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: self.top_p,
            min_p: self.min_p,
            repeat_penalty: self.repeat_penalty,
            seed: self.seed,
        };
        (args != SamplingArgs::default()).then_some(args)
    }
}

/// Lists a job that answers prompts, with the language model that every node has unless another one
/// is chosen.
pub async fn generate_answers(options: GenerateOptions) -> Result<()> {
    let format = read_format(options.json_schema.as_deref(), options.grammar.as_deref())?;
    let conversations: Vec<InferenceInput> =
        options.messages.iter().map(|file| read_messages(file)).collect::<Result<_>>()?;
    let inputs = options.prompts.into_iter().map(InferenceInput::Text).chain(conversations);

    let model = options.model.resolve(&SMOLLM2_135M_INSTRUCT)?;
    let mut args = InferenceArgs::new(model, Task::Generation, inputs);
    args.format = format;
    args.logprobs = options.logprobs;
    args.max_tokens = Some(options.max_tokens);
    args.system = options.system;
    args.stop = options.stop;
    args.sampling = options.sampling.to_args();

    let operation = Operation::InferenceRun { id: "generate".to_owned(), args };
    let definition = JobDefinition::new(vec![operation]);
    definition.validate()?;

    let kind = options.verification.batch_kind();
    let check = options.verification.check_plan();
    list_and_follow(&definition, &options.listing, kind, check).await
}

/// Reads the form of the answers.
fn read_format(schema: Option<&Path>, grammar: Option<&Path>) -> Result<Option<AnswerFormat>> {
    Ok(match (schema, grammar) {
        (Some(file), _) => Some(AnswerFormat::JsonSchema(read_json(file)?)),
        (None, Some(file)) => Some(AnswerFormat::Grammar(read_text(file)?)),
        (None, None) => None,
    })
}

fn read_messages(file: &Path) -> Result<InferenceInput> {
    Ok(InferenceInput::Conversation(read_json(file)?))
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T> {
    serde_json::from_str(&read_text(file)?).with_context(|| file.display().to_string())
}

fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

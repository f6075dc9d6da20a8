//! `nosana job generate`: list a job that answers prompts.

use anyhow::Result;
use clap::Args;
use nosana_engine::SMOLLM2_135M_INSTRUCT;
use nosana_job_spec::{
    DEFAULT_MAX_TOKENS, InferenceArgs, JobDefinition, MAX_TOKENS, Operation, Task,
};
use nosana_protocol::job::Kind;

use super::listing::{ListingOptions, list_and_follow};

/// Prompts for a language model, and how the job is listed.
#[derive(Debug, Args)]
pub struct GenerateOptions {
    /// Prompts; each is answered separately
    #[arg(required = true)]
    prompts: Vec<String>,
    /// Most tokens per answer
    #[arg(
        long,
        default_value_t = DEFAULT_MAX_TOKENS,
        value_parser = clap::value_parser!(u32).range(1..=MAX_TOKENS as i64)
    )]
    max_tokens: u32,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Lists a job that answers prompts with the language model that every node has.
pub async fn generate_answers(options: GenerateOptions) -> Result<()> {
    let mut args =
        InferenceArgs::new(SMOLLM2_135M_INSTRUCT.digest(), Task::Generation, options.prompts);
    args.max_tokens = Some(options.max_tokens);
    let operation = Operation::InferenceRun { id: "generate".to_owned(), args };
    let definition = JobDefinition::new(vec![operation]);
    definition.validate()?;

    list_and_follow(&definition, &options.listing, Kind::Batch).await
}

//! `nosana job embed`: list a job that embeds texts.

use anyhow::Result;
use clap::Args;
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};

use super::{
    list_and_follow::list_and_follow, listing::ListingOptions, verification::VerificationOptions,
};
use crate::commands::model_source::ModelChoice;

/// Texts to embed, and how the job is listed.
#[derive(Debug, Args)]
pub struct EmbedOptions {
    /// Texts to embed, at most 64
    #[arg(required = true)]
    texts: Vec<String>,
    /// Cut texts that are longer than the model reads, instead of failing
    #[arg(long)]
    truncate: bool,
    #[command(flatten)]
    model: ModelChoice,
    #[command(flatten)]
    verification: VerificationOptions,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Lists a job that embeds texts, with the model that every node has unless another one is chosen.
pub async fn embed_texts(options: EmbedOptions) -> Result<()> {
    let model = options.model.resolve(&ALL_MINILM_L6_V2)?;
    let mut args = InferenceArgs::new(model, Task::Embedding, options.texts);
    args.truncate = options.truncate;

    let operation = Operation::InferenceRun { id: "embed".to_owned(), args };
    let definition = JobDefinition::new(vec![operation]);
    definition.validate()?;

    let kind = options.verification.batch_kind();
    let check = options.verification.check_plan();
    list_and_follow(&definition, &options.listing, kind, check).await
}

//! `nosana job serve`: list a service that answers requests with a model.

use anyhow::Result;
use clap::Args;
use nosana_engine::{ALL_MINILM_L6_V2, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{
    DEFAULT_CONTEXT_TOKENS, DEFAULT_PARALLEL, JobDefinition, MAX_CONTEXT_TOKENS, MAX_PARALLEL,
    MIN_CONTEXT_TOKENS, Operation, ServeArgs, Task,
};
use nosana_protocol::job::Kind;

use super::{list_and_follow::list_and_follow, listing::ListingOptions};
use crate::commands::model_source::{CHOSEN_MODEL, ModelChoice};

/// A model that answers requests, and how the service is listed.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Model, in the form of --model
    #[arg(value_name = "MODEL", group = CHOSEN_MODEL)]
    named_model: Option<String>,
    /// Serve vectors of an embedding model instead of chats and completions
    #[arg(long, conflicts_with_all = ["parallel", "context_tokens"])]
    embeddings: bool,
    /// Requests that are answered at the same time; others wait
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = DEFAULT_PARALLEL,
        value_parser = clap::value_parser!(u32).range(1..=MAX_PARALLEL as i64)
    )]
    parallel: u32,
    /// Most tokens of a request with its answer
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = DEFAULT_CONTEXT_TOKENS,
        value_parser = clap::value_parser!(u32)
            .range(MIN_CONTEXT_TOKENS as i64..=MAX_CONTEXT_TOKENS as i64)
    )]
    context_tokens: u32,
    #[command(flatten)]
    model: ModelChoice,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Lists a service of a model: the one that every node has unless another one is chosen.
pub async fn serve_model(options: ServeOptions) -> Result<()> {
    let (task, known) = match options.embeddings {
        true => (Task::Embedding, &ALL_MINILM_L6_V2),
        false => (Task::Generation, &SMOLLM2_135M_INSTRUCT),
    };

    let model = options.model.with_name(options.named_model);
    let mut args = ServeArgs::new(model.resolve(known)?, task);
    if task == Task::Generation {
        args.parallel = Some(options.parallel);
        args.context_tokens = Some(options.context_tokens);
    }

    let operation = Operation::InferenceServe { id: "serve".to_owned(), args };
    let definition = JobDefinition::new(vec![operation]);
    definition.validate()?;

    list_and_follow(&definition, &options.listing, Kind::Service, None).await
}

//! `nosana job post`: list a job from a definition file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_protocol::job::Kind;

use super::{
    definition_file::read_definition_file,
    listing::{ListingOptions, list_and_follow},
};

/// A definition in a file, and how it is listed.
#[derive(Debug, Args)]
pub struct PostOptions {
    /// File with the definition, JSON
    file: PathBuf,
    /// List the job as a service: it runs for --timeout, and the time that its node proves is paid
    #[arg(long)]
    service: bool,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Lists a job from a file.
pub async fn post_job(options: PostOptions) -> Result<()> {
    let definition = read_definition_file(&options.file)?;
    let kind = if options.service { Kind::Service } else { Kind::Batch };

    list_and_follow(&definition, &options.listing, kind).await
}

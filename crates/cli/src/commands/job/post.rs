//! `nosana job post`: list a job from a definition file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_job_spec::JobDefinition;
use nosana_protocol::job::Kind;

use super::{
    definition_file::read_definition_file, list_and_follow::list_and_follow,
    listing::ListingOptions, verification::VerificationOptions,
};

/// A definition in a file, and how it is listed.
#[derive(Debug, Args)]
pub struct PostOptions {
    /// File with the definition, JSON
    file: PathBuf,
    /// List the job as a service: it runs for --timeout, and the time that its node proves is paid.
    /// The default of a definition that exposes ports
    #[arg(long, conflicts_with = "verified")]
    service: bool,
    /// List the job as a batch job, although it exposes ports: it runs until it ends by itself
    #[arg(long, conflicts_with = "service")]
    batch: bool,
    #[command(flatten)]
    verification: VerificationOptions,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Lists a job from a file.
pub async fn post_job(options: PostOptions) -> Result<()> {
    let definition = read_definition_file(&options.file)?;
    let kind = options.choose_kind(&definition);

    list_and_follow(&definition, &options.listing, kind, options.verification.check_plan()).await
}

impl PostOptions {
    /// Returns the kind of job. A server is a service, unless the options name another kind.
    fn choose_kind(&self, definition: &JobDefinition) -> Kind {
        let batch_kind = self.verification.batch_kind();
        if self.service {
            return Kind::Service;
        }
        if self.batch || batch_kind == Kind::VerifiedBatch || !definition.is_server() {
            return batch_kind;
        }

        let ports = definition.exposed_ports().into_iter().map(|port| port.port.to_string());
        let ports = ports.collect::<Vec<_>>().join(", ");
        eprintln!("service  it exposes port {ports}; --batch lists it as a batch job");
        Kind::Service
    }
}

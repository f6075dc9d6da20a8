//! Following a job of either kind.

use anyhow::{Result, ensure};
use nosana_protocol::job::Kind;
use solana_address::Address;

use super::{batch, command_logs::LogOptions, service};
use crate::commands::context::CliContext;

/// Follows a job to its end and prints its result, or a service's logs and cost.
pub async fn follow_job(ctx: &CliContext, address: Address, options: LogOptions<'_>) -> Result<()> {
    let job = ctx.fetch_job(&address).await?;
    ensure!(
        options.check.is_none() || job.to_terms().kind == Kind::VerifiedBatch,
        "only results of verified jobs can be checked: omit --check, or list the job with \
         --verified"
    );

    if job.is_service() {
        service::follow_service(ctx, address, options).await
    } else {
        batch::follow_and_print(ctx, address, options).await
    }
}

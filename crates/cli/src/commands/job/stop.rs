//! `nosana job stop`: end a job that a node has.

use anyhow::Result;
use nosana_client::actions;

use super::{
    holder::holder_authority,
    options::JobOptions,
    settlement::{ensure_unsettled, report_settlement},
};

/// Stops a job that runs or that a node has taken.
pub async fn stop_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    ensure_unsettled(&job)?;

    let node = holder_authority(&ctx, &options.job, &job).await?;
    let receipt = ctx.send(actions::stop(ctx.address(), options.job, &job, node)).await?;
    report_settlement(&options.job, &receipt, options.connection.is_json())
}

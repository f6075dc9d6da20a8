//! `nosana job accept`: accept a result early.

use anyhow::Result;
use nosana_client::actions;

use super::{
    holder::holder_authority,
    options::JobOptions,
    settlement::{ensure_unsettled, report_settlement},
};

/// Accepts a result before its challenge window is over.
pub async fn accept_result(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    ensure_unsettled(&job)?;

    let node = holder_authority(&ctx, &options.job, &job).await?;
    let receipt = ctx.send(actions::accept(ctx.address(), options.job, &job, node)).await?;
    report_settlement(&options.job, &receipt, options.connection.is_json())
}

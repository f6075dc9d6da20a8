//! `nosana job collect`: collect a refund.

use anyhow::Result;
use nosana_client::actions;

use super::options::JobOptions;
use crate::commands::values::format_nos;

/// Collects a refund that could not be paid directly.
pub async fn collect_refund(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;

    let account = ctx.token_account();
    let collect = actions::collect(ctx.address(), options.job, &job, account);
    ctx.send_all(&[ctx.create_token_account(), collect.into()]).await?;
    println!("{} came to {account}", format_nos(job.payer_credit));
    Ok(())
}

//! `nosana job collect`: collect a refund.

use anyhow::Result;
use nosana_client::actions;
use serde_json::json;

use super::options::JobOptions;
use crate::commands::values::{format_nos, print_json};

/// Collects a refund that could not be paid directly.
pub async fn collect_refund(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;

    let account = ctx.token_account();
    let collect = actions::collect(ctx.address(), options.job, &job, account);
    let receipt = ctx.send_all(&[ctx.create_token_account(), collect.into()]).await?;

    if options.connection.is_json() {
        return print_json(&json!({
            "job": options.job.to_string(),
            "signature": receipt.signature.to_string(),
            "amount": job.payer_credit,
            "account": account.to_string(),
        }));
    }
    println!("{} came to {account}", format_nos(job.payer_credit));
    Ok(())
}

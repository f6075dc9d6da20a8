//! `nosana job extend`: buy more time.

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_client::actions;
use nosana_protocol::{job::State, units::Seconds};
use serde_json::json;
use solana_address::Address;

use super::{service::has_ended_early, settlement::ensure_unsettled};
use crate::commands::{
    connection::ConnectionOptions,
    funds::Cost,
    payer::PayerOptions,
    values::{format_nos, parse_address, print_json},
};

/// One job, and the time to add.
#[derive(Debug, Args)]
pub struct ExtendOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Seconds to add to the job's timeout
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    #[command(flatten)]
    payer: PayerOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Extends the paid time of a job.
pub async fn extend_job(options: ExtendOptions) -> Result<()> {
    let ctx = options.payer.add_to(options.connection.connect().await?)?;
    let job = ctx.fetch_job(&options.job).await?;
    ensure_unsettled(&job)?;
    if job.state == State::Running as u8 && has_ended_early(&job) {
        bail!("its node has ended the service, and more time does not restart it; list a new job");
    }

    let due = job.to_terms().extended_by(Seconds(options.seconds));
    let (_, due) = due.ok().context("the seconds overflow; give fewer")?;
    let from_payer = due.0.saturating_sub(job.budget);
    ctx.ensure_funds(Cost::new("the extension", from_payer, &[])).await?;

    let payer = ctx.payer_address();
    let extend = actions::extend(options.job, &job, payer, ctx.mint, options.seconds);
    let receipt = ctx.send(extend).await?;

    let extended = ctx.fetch_job(&options.job).await?;
    if options.connection.is_json() {
        return print_json(&json!({
            "job": options.job.to_string(),
            "signature": receipt.signature.to_string(),
            "timeout_seconds": extended.timeout_seconds,
            "escrow": extended.escrow,
        }));
    }
    println!(
        "the job may run for {} s; {} are in escrow",
        extended.timeout_seconds,
        format_nos(extended.escrow)
    );
    Ok(())
}

//! `nosana job extend`: buy more time.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use nosana_client::{actions, jobs::accounts::Job};
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

    let (_, market) = ctx.fetch_market(Some(job.market)).await?;
    check_extension(&job, options.seconds, market.terms.max_timeout_seconds)?;

    let due = job.to_terms().extended_by(Seconds(options.seconds));
    let (_, due) = due.ok().context("price × timeout overflows; give fewer seconds")?;
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

/// Fails if the job's timeout would exceed the longest of its market.
fn check_extension(job: &Job, added: u64, max_timeout: u64) -> Result<()> {
    let timeout = job.timeout_seconds;
    let most = max_timeout.saturating_sub(timeout);

    ensure!(
        most > 0,
        "the market allows {max_timeout} s at most, and the job may run for {timeout} s already"
    );
    ensure!(
        added <= most,
        "the market allows {max_timeout} s at most, and the job may run for {timeout} s already; \
         give {most} seconds or fewer"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn a_job_is_extended_up_to_the_longest_timeout_of_its_market() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job { timeout_seconds: 600, ..Job::from_data(&zeroed).unwrap() };
        let refuse = |added, max_timeout| {
            check_extension(&job, added, max_timeout).map_err(|error| error.to_string())
        };

        assert_eq!(refuse(3_000, 3_600), Ok(()));
        for added in [3_001, u64::MAX] {
            assert!(refuse(added, 3_600).unwrap_err().ends_with("give 3000 seconds or fewer"));
        }
        // The terms of the market have changed.
        for max_timeout in [600, 60] {
            assert!(refuse(1, max_timeout).unwrap_err().ends_with("for 600 s already"));
        }
    }
}

//! `nosana job challenge`: dispute a result.

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use nosana_client::{
    Receipt, actions,
    jobs::accounts::{Dispute, Job},
};
use nosana_protocol::{
    dispute::terms::bond_amount,
    job::{Kind, State},
    units::{Amount, UnixTimestamp},
};
use serde_json::json;
use solana_address::Address;

use super::words::describe_state;
use crate::{
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        funds::{Cost, ensure_funds},
        values::{format_nos, parse_address, print_json},
    },
    confirm::ensure_confirmed,
};

/// The result to dispute.
#[derive(Debug, Args)]
pub struct ChallengeOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Do not ask before the bond is paid
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// A dispute that has begun.
pub struct Challenged {
    /// Its address.
    pub dispute: Address,
    /// The bond, in base units.
    bond: u64,
    receipt: Receipt,
}

/// Disputes the result of a verified job, for a bond.
pub async fn challenge_job(options: ChallengeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let now = ctx.chain_time().await?;
    let bond = check_disputable(&job, now)?;

    if !options.connection.is_json() {
        eprintln!(
            "bond     {}; if the node loses, it comes back with {} more, else the panel is paid \
             from it",
            format_nos(bond),
            format_nos(u128::from(job.panel_fee) * 2)
        );
    }
    ensure_confirmed("Dispute the result?", options.yes)?;
    let challenged = challenge_result(&ctx, options.job, &job).await?;

    if options.connection.is_json() {
        return print_json(&json!({
            "job": options.job.to_string(),
            "dispute": challenged.dispute.to_string(),
            "bond": challenged.bond,
            "signature": challenged.receipt.signature.to_string(),
        }));
    }
    eprintln!("`nosana job wait {}` follows it", options.job);
    println!("{}", challenged.dispute);
    Ok(())
}

/// Disputes a result. The user pays the bond and the rent of the dispute.
pub async fn challenge_result(ctx: &CliContext, address: Address, job: &Job) -> Result<Challenged> {
    let bond = check_disputable(job, ctx.chain_time().await?)?;
    let cost = Cost::new("the dispute", bond, &[Dispute::SIZE]);
    ensure_funds(&ctx.session, &ctx.mint, &ctx.address(), cost).await?;

    let challenge = actions::challenge(ctx.address(), address, job, ctx.mint);
    let dispute = challenge.dispute;
    let receipt = ctx.send(challenge).await?;
    Ok(Challenged { dispute, bond, receipt })
}

/// Returns the bond, in base units. Fails if the result cannot be disputed at `now`.
fn check_disputable(job: &Job, now: UnixTimestamp) -> Result<u64> {
    ensure!(
        job.to_terms().kind == Kind::VerifiedBatch,
        "only results of verified jobs can be disputed; `nosana job reject` rejects another one"
    );
    ensure!(
        job.state == State::Submitted as u8,
        "the job is {}; a result can be disputed in its challenge window, once",
        describe_state(job)
    );
    let is_over = job.to_clocks().is_settleable(UnixTimestamp(job.submitted_at), now);
    ensure!(
        is_over == Ok(false),
        "the challenge window of {} s is over; the node is paid",
        job.challenge_seconds
    );

    let bond = bond_amount(Amount(job.panel_fee));
    Ok(bond.map_err(|_| anyhow!("the bond overflows"))?.0)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn only_fresh_results_of_verified_jobs_are_disputed() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job {
            kind: Kind::VerifiedBatch as u8,
            state: State::Submitted as u8,
            submitted_at: 1_000,
            challenge_seconds: 60,
            panel_fee: 7,
            ..Job::from_data(&zeroed).unwrap()
        };
        let check = |job: &Job, now| {
            check_disputable(job, UnixTimestamp(now)).map_err(|error| error.to_string())
        };
        assert_eq!(check(&job, 1_059), Ok(28));
        assert!(check(&job, 1_060).unwrap_err().contains("is over"));
        let settled = Job { state: State::Settled as u8, ..job };
        assert!(check(&settled, 1_000).unwrap_err().contains("the job is settled"));
        let plain = Job { kind: Kind::Batch as u8, ..job };
        assert!(check(&plain, 1_000).unwrap_err().contains("verified"));
    }
}

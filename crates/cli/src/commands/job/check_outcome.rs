//! What became of a result that was checked, and what follows from that.

use anyhow::{Context, Error, Result};
use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_protocol::job::State;
use solana_address::Address;

use super::{challenge::challenge_result, holder::holder_authority};
use crate::commands::context::CliContext;

/// What became of a result that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It is right.
    Right,
    /// It is wrong, and is disputed now.
    Disputed,
    /// Nobody delivers it.
    Withheld,
    /// Whether it is right could not be found out.
    Unknown,
}

/// Disputes a result that is wrong, for the bond.
pub async fn dispute_wrong(
    ctx: &CliContext,
    address: Address,
    job: &Job,
    faults: &[String],
) -> Result<CheckOutcome> {
    eprintln!("the result is wrong: {}", faults.join("; "));
    dispute_result(ctx, address, job).await
}

/// Disputes a result, for the bond, unless somebody else has done so meanwhile.
pub async fn dispute_result(ctx: &CliContext, address: Address, job: &Job) -> Result<CheckOutcome> {
    let now = ctx.fetch_job(&address).await?;
    if now.attempt_id == job.attempt_id && now.state == State::Challenged as u8 {
        eprintln!("it is disputed already: {}", pda::jobs::dispute(&address, job.attempt_id));
        return Ok(CheckOutcome::Disputed);
    }

    let challenged = challenge_result(ctx, address, &now).await.with_context(|| {
        format!(
            "cannot dispute the result; `nosana job challenge {address}` tries again, until its \
             challenge window ends"
        )
    })?;
    eprintln!("it is disputed now: {}", challenged.dispute);
    Ok(CheckOutcome::Disputed)
}

/// Prints that nobody delivers the result.
pub fn report_withheld(problem: &str) -> CheckOutcome {
    eprintln!("the time to deliver it is over, and nobody has the result: {problem}");
    CheckOutcome::Withheld
}

/// Prints why the result is not checked, and what becomes of it.
pub fn report_unchecked(address: &Address, error: &Error) -> CheckOutcome {
    eprintln!(
        "cannot check the result: {error:#}; the node is paid when the challenge window ends, \
         unless `nosana job challenge {address}` disputes the result before"
    );
    CheckOutcome::Unknown
}

/// Rejects a result that nobody delivers: its node could wait for the end of the window, be paid,
/// and never have computed it.
pub async fn reject_withheld(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    let node = holder_authority(ctx, &address, job).await?;
    let reject = actions::reject(ctx.address(), address, job, node, false);
    ctx.send(reject).await.context("cannot reject the result that nobody delivers")?;
    eprintln!("it is rejected: its node is not paid");
    Ok(())
}

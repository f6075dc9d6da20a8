//! What became of a result that was checked, and what follows from that.

use anyhow::{Context, Error, Result};
use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_protocol::job::State;
use solana_address::Address;

use super::{challenge::challenge_result, holder::holder_authority, words::describe_state};
use crate::{commands::context::CliContext, terminal::sanitize_text};

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
    eprintln!("the result is wrong: {}", sanitize_text(&faults.join("; ")));
    dispute_result(ctx, address, job).await
}

/// Disputes a result, for the bond, unless somebody else has decided about it meanwhile: a job with
/// another attempt has another result, which nobody has checked.
pub async fn dispute_result(ctx: &CliContext, address: Address, job: &Job) -> Result<CheckOutcome> {
    let now = ctx.fetch_job(&address).await?;
    let is_same_attempt = now.attempt_id == job.attempt_id;
    if is_same_attempt && now.state == State::Challenged as u8 {
        eprintln!("it is disputed already: {}", pda::jobs::dispute(&address, job.attempt_id));
        return Ok(CheckOutcome::Disputed);
    }
    if !is_disputable(job, &now) {
        let attempt = if is_same_attempt { "" } else { ", in another attempt" };
        eprintln!("nothing is disputed: the job is {} now{attempt}", describe_state(&now));
        return Ok(CheckOutcome::Unknown);
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

/// Whether the result of `checked` is still the one that a dispute of the job, as it is `now`,
/// would be about.
fn is_disputable(checked: &Job, now: &Job) -> bool {
    now.attempt_id == checked.attempt_id && now.state == State::Submitted as u8
}

/// Prints that nobody delivers the result.
pub fn report_withheld(problem: &str) -> CheckOutcome {
    eprintln!(
        "the time to deliver it is over, and nobody has the result: {}",
        sanitize_text(problem)
    );
    CheckOutcome::Withheld
}

/// Prints why the result is not checked, and what becomes of it.
pub fn report_unchecked(address: &Address, error: &Error) -> CheckOutcome {
    eprintln!(
        "cannot check the result: {}; the node is paid when the challenge window ends, unless \
         `nosana job challenge {address}` disputes the result before",
        sanitize_text(&format!("{error:#}"))
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

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn only_the_attempt_that_was_checked_is_disputed() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let state = State::Submitted as u8;
        let checked = Job { state, attempt_id: 1, ..Job::from_data(&zeroed).unwrap() };
        assert!(is_disputable(&checked, &checked));
        assert!(!is_disputable(&checked, &Job { attempt_id: 2, ..checked }));
        assert!(!is_disputable(&checked, &Job { state: State::Settled as u8, ..checked }));
    }
}

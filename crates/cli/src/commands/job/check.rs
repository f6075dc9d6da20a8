//! Computing a result again on this machine, before it is paid.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Job};
use nosana_engine::ModelStore;
use nosana_worker::{CheckedResult, Executor, check_result};
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::{auto_accept::seconds_left, challenge::challenge_result, holder::holder_authority};
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
    /// This machine cannot compute it.
    Unknown,
}

/// Computes the result again, and disputes it if it is wrong. Prints what it finds.
pub async fn check_or_dispute(
    ctx: &CliContext,
    address: Address,
    job: &Job,
) -> Result<CheckOutcome> {
    eprintln!("checking the result on this machine");
    let faults = match examine_result(ctx, address, *job).await {
        Ok(CheckedResult::Examined(examination)) => examination.faults,
        Ok(CheckedResult::Withheld(problem)) => {
            eprintln!("half of the challenge window is over, and nobody has the result: {problem}");
            return Ok(CheckOutcome::Withheld);
        }
        Err(error) => {
            eprintln!(
                "cannot check the result: {error:#}; the node is paid when the challenge window \
                 ends, unless `nosana job challenge {address}` disputes the result before"
            );
            return Ok(CheckOutcome::Unknown);
        }
    };
    if faults.is_empty() {
        eprintln!("the result is right");
        return Ok(CheckOutcome::Right);
    }

    eprintln!("the result is wrong: {}", faults.join("; "));
    let challenged = challenge_result(ctx, address, job).await.with_context(|| {
        format!(
            "cannot dispute the wrong result; `nosana job challenge {address}` tries again, until \
             its challenge window ends"
        )
    })?;
    eprintln!("it is disputed now: {}", challenged.dispute);
    Ok(CheckOutcome::Disputed)
}

/// Rejects a result that nobody delivers: its node could wait for the end of the window, be paid, and
/// never have computed it.
pub async fn reject_withheld(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    let node = holder_authority(ctx, &address, job).await?;
    let reject = actions::reject(ctx.address(), address, job, node, false);
    ctx.send(reject).await.context("cannot reject the result that nobody delivers")?;
    eprintln!("it is rejected: its node is not paid");
    Ok(())
}

async fn examine_result(ctx: &CliContext, address: Address, job: Job) -> Result<CheckedResult> {
    let store = ctx.job_store(&address, &job)?;
    let left = Duration::from_secs(seconds_left(ctx, &job).await?);
    let window_end = Instant::now() + left;

    let checking = spawn_blocking(move || {
        let executor = Arc::new(Executor::open(ModelStore::in_user_cache()?)?);
        check_result(&executor, &store, &address, &job, window_end)
    });
    checking.await.context("the check crashed")?
}

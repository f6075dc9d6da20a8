//! Checking a result before it is paid: on this machine, or by a twin.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_engine::ModelStore;
use nosana_worker::{CheckedResult, Executor, check_result};
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::{
    auto_accept::seconds_left,
    check_means::CheckMeans,
    check_outcome::{CheckOutcome, dispute_wrong, report_unchecked, report_withheld},
    twin::check_by_twin,
};
use crate::commands::context::CliContext;

/// Checks the result, and disputes it if it is wrong. Prints what it finds.
pub async fn check_or_dispute(
    ctx: &CliContext,
    address: Address,
    job: &Job,
    means: CheckMeans,
) -> Result<CheckOutcome> {
    if !means.computes_here() {
        return check_by_twin(ctx, address, job).await;
    }

    eprintln!("checking the result on this machine");
    let faults = match examine_result(ctx, address, *job).await {
        Ok(CheckedResult::Examined(examination)) => examination.faults,
        Ok(CheckedResult::Withheld(problem)) => return Ok(report_withheld(&problem)),
        Err(error) if means.lists_twin() => {
            eprintln!("this machine cannot check the result: {error:#}");
            return check_by_twin(ctx, address, job).await;
        }
        Err(error) => return Ok(report_unchecked(&address, &error)),
    };
    if faults.is_empty() {
        eprintln!("the result is right");
        return Ok(CheckOutcome::Right);
    }
    dispute_wrong(ctx, address, job, &faults).await
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

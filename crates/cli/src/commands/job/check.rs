//! Checking a result before it is paid: on this machine, or by a twin.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_engine::ModelStore;
use nosana_worker::{CheckedResult, Executor, check_result};
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::{
    auto_accept::seconds_left,
    check_outcome::{CheckOutcome, dispute_wrong, report_unchecked, report_withheld},
    check_request::CheckRequest,
    twin::check_by_twin,
};
use crate::{
    exit_status::{CommandFailed, INTERRUPTED},
    shutdown,
};

/// Checks the result, and disputes it if it is wrong. Prints what it finds.
///
/// A signal ends the check: the command that follows the job has replaced the default action of
/// Ctrl-C, so nothing else would.
pub async fn check_or_dispute(request: &CheckRequest<'_>) -> Result<CheckOutcome> {
    let mut interrupted = pin!(shutdown::wait_for_signal());
    let CheckRequest { ctx, address, job, means, .. } = request;
    if !means.computes_here() {
        return check_by_twin(request, interrupted).await;
    }

    eprintln!("checking the result on this machine");
    let examined = tokio::select! {
        biased;
        () = interrupted.as_mut() => {
            request.cancel.cancel();
            return Err(describe_interrupted_check(address));
        }
        examined = examine_result(request) => examined,
    };
    let faults = match examined {
        Ok(CheckedResult::Examined(faults)) => faults,
        Ok(CheckedResult::Withheld(problem)) => return Ok(report_withheld(&problem)),
        Err(error) if means.lists_twin() => {
            eprintln!("this machine cannot check the result: {error:#}");
            return check_by_twin(request, interrupted).await;
        }
        Err(error) => return Ok(report_unchecked(address, &error)),
    };

    if faults.is_empty() {
        eprintln!("the result is right");
        return Ok(CheckOutcome::Right);
    }
    dispute_wrong(ctx, *address, job, &faults).await
}

async fn examine_result(request: &CheckRequest<'_>) -> Result<CheckedResult<Vec<String>>> {
    let &CheckRequest { ctx, address, job, .. } = request;
    let store = ctx.job_store(&address, job)?;
    let left = Duration::from_secs(seconds_left(ctx, job).await?);
    let window_end = Instant::now() + left;
    let cancel = request.cancel.clone();
    let job = *job;

    let checking = spawn_blocking(move || {
        let executor = Arc::new(Executor::open(ModelStore::in_user_cache()?)?);
        check_result(&executor, &store, &job, window_end, &cancel)
    });
    checking.await.context("the check crashed")?
}

fn describe_interrupted_check(address: &Address) -> anyhow::Error {
    let message = format!(
        "the result is not checked, and its node is paid when the challenge window ends: `nosana \
         job wait {address} --check 1` checks it"
    );
    CommandFailed { exit_code: INTERRUPTED, message }.into()
}

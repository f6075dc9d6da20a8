//! Checking a result by a *twin*: the same job once more, for another node. Both results are then
//! compared, which needs no model.
//!
//! The twin is a verified job like any other: its node has as much to lose. It is listed after the
//! result is there, and its digest differs from that of the job, so that neither node learns from the
//! chain alone that both are the same. It is not private, because no verified job is.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`time`] | whether the challenge window leaves time for it |
//! | [`place`] | how it is listed so that another node runs it |
//! | [`list`] | the transaction that lists it |
//! | [`end`], [`read`] | waiting for its result; reading results |
//! | [`finding`] | what both results show |
//! | [`conclusion`] | what follows from that |

mod conclusion;
mod end;
mod finding;
mod list;
mod place;
mod read;
mod time;

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use nosana_client::jobs::accounts::Job;
use nosana_worker::ClaimedResult;
use solana_address::Address;
use tokio::time::Instant;

use self::{
    conclusion::conclude_check,
    end::{TwinEnd, await_result},
    finding::{FirstLook, Twin, TwinFinding},
    list::list_twin,
    read::{load_definition, read_claim},
    time::{TwinTime, run_time},
};
use super::{
    auto_accept::seconds_left,
    check_outcome::{CheckOutcome, report_unchecked},
    ending::end_job,
};
use crate::{
    commands::context::CliContext,
    exit_status::{CommandFailed, INTERRUPTED},
    shutdown,
};

/// The most twins of one result: a second one if the first came to the same node.
const MAX_TWINS: usize = 2;

/// Checks the result by a twin, and disputes it if both contradict each other. Prints what it finds.
pub async fn check_by_twin(ctx: &CliContext, address: Address, job: &Job) -> Result<CheckOutcome> {
    eprintln!("checking the result by a twin: the same job once more, for another node");

    let finding = tokio::select! {
        finding = find_out(ctx, &address, job) => finding,
        () = shutdown::wait_for_signal() => return Err(describe_interruption(&address)),
    };
    match finding {
        Ok(finding) => conclude_check(ctx, address, job, finding).await,
        Err(error) => Ok(report_unchecked(&address, &error)),
    }
}

/// Finds out whether the result is right. Fails if that cannot be found out.
async fn find_out(ctx: &CliContext, address: &Address, job: &Job) -> Result<TwinFinding> {
    let begun = Instant::now();
    let left = Duration::from_secs(seconds_left(ctx, job).await?);
    let first = match FirstLook::take(read_claim(ctx, address, job, begun + left / 2).await?) {
        FirstLook::Comparable(first) => first,
        FirstLook::Decided(finding) => return Ok(finding),
    };

    let definition = load_definition(ctx, address, job).await?;
    for _ in 0..MAX_TWINS {
        let now = Instant::now();
        let left = left.saturating_sub(now - begun);
        let time = TwinTime::plan(left, run_time(job)).with_context(|| {
            format!("its challenge window leaves {} s, too little for a twin", left.as_secs())
        })?;

        let listed = list_twin(ctx, job, &definition, now + time.list_by).await?;
        let twin = listed.context("no other node waits in the market")?;
        if let Some(finding) = follow_twin(ctx, job, &first, twin, now, time).await? {
            return Ok(finding);
        }
        eprintln!("the twin {twin} came to the node whose result is checked: it shows nothing");
    }
    bail!("{MAX_TWINS} twins came to the node whose result is checked")
}

/// Waits for the twin's result, and compares both. Returns `None` if the node of the job has the twin.
/// A twin that is of no use any more is ended: the time that its node proves is paid. `now`: from when
/// on its time counts.
async fn follow_twin(
    ctx: &CliContext,
    job: &Job,
    first: &ClaimedResult,
    twin: Address,
    now: Instant,
    time: TwinTime,
) -> Result<Option<TwinFinding>> {
    match await_result(ctx, &twin, &job.node, now + time.result_by).await {
        TwinEnd::Submitted(twin_job) => {
            let reading = read_claim(ctx, &twin, &twin_job, now + time.read_by).await?;
            let finding =
                TwinFinding::compare(first, Twin { address: twin, job: twin_job }, reading);
            finding.map(Some).map_err(|problem| anyhow!(problem))
        }
        TwinEnd::SameNode => {
            end_twin(ctx, twin).await;
            Ok(None)
        }
        TwinEnd::Other(state) => bail!("the twin {twin} is {state}"),
        TwinEnd::Late => {
            end_twin(ctx, twin).await;
            bail!("the twin {twin} has no result in time")
        }
    }
}

/// Ends a twin that is of no use any more.
async fn end_twin(ctx: &CliContext, twin: Address) {
    if let Err(error) = end_job(ctx, twin).await {
        eprintln!("cannot end the twin: {error:#}; `nosana job show {twin}` says what it does");
    }
}

fn describe_interruption(address: &Address) -> anyhow::Error {
    let message = format!(
        "the result is not checked, and its node is paid when the challenge window ends: `nosana job \
         wait {address}` waits again; `nosana job list` shows the twin, if it was listed, which ends \
         by itself"
    );
    CommandFailed { exit_code: INTERRUPTED, message }.into()
}

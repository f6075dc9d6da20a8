//! Checking a result by a *twin*: the same job once more, for another node. Both results are then
//! compared, which needs no model.
//!
//! The twin is a verified job like any other: its node has as much to lose. It is listed after the
//! result is there, and its digest differs from that of the job, so that neither node learns by the
//! digest alone that both are the same. It is not private, because no verified job is.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`announcement`] | what twins can cost and show, before the job is listed |
//! | [`scope`] | which jobs a twin can check |
//! | [`time`] | whether the challenge window leaves time for it |
//! | [`place`] | how it is listed so that another node runs it |
//! | [`list`], [`funds`] | the transaction that lists it; what the wallets need |
//! | [`end`], [`read`] | waiting for its result; reading results |
//! | [`stop`] | ending a twin that is of no use any more |
//! | [`finding`] | what both results show |
//! | [`conclusion`], [`acquittal`] | what follows from that, and from the panel's verdict |
//! | [`cost`] | accepting a twin; what twins cost |

mod acquittal;
mod announcement;
mod conclusion;
mod cost;
mod end;
mod finding;
mod funds;
mod list;
mod place;
mod read;
mod scope;
mod stop;
mod time;

use std::{pin::Pin, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use nosana_worker::ClaimedResult;
use solana_address::Address;
use tokio::time::Instant;

pub use self::{
    acquittal::{challenge_contradicting, report_contradicting},
    announcement::announce_twins,
    cost::{accept_agreeing, twins_to_json},
};
use self::{
    conclusion::{conclude_check, conclude_problem},
    end::{TwinEnd, await_twin, find_decision},
    finding::{FirstLook, Twin, TwinFinding},
    list::list_twin,
    read::{fetch_definition, read_result_of},
    scope::ensure_useful,
    stop::{end_open_twins, end_twin, stop_limit},
    time::{TwinTime, allows_twin, describe_short_window, longest_run, reading_time},
};
use super::{
    auto_accept::seconds_left,
    check_outcome::{CheckOutcome, report_unchecked},
    check_request::CheckRequest,
};
use crate::exit_status::{CommandFailed, INTERRUPTED};

/// The most twins of one result: a second one if the first came to the same node.
pub const MAX_TWINS: usize = 2;

/// Checks the result by a twin, and disputes it if both contradict each other. Prints what it
/// finds. When `interrupted` returns, it ends the twin and fails.
pub async fn check_by_twin(
    request: &CheckRequest<'_>,
    interrupted: Pin<&mut impl Future<Output = ()>>,
) -> Result<CheckOutcome> {
    eprintln!("checking the result by a twin: the same job once more, for another node");

    // The signal first: after it, nothing is listed.
    let compared = tokio::select! {
        biased;
        () = interrupted => None,
        compared = compare_with_twin(request) => Some(compared),
    };
    match compared {
        Some(Ok(finding)) => {
            let outcome = conclude_check(request, finding).await;
            // An earlier twin may not have been ended.
            end_open_twins(request).await;
            outcome
        }
        Some(Err(error)) => {
            // A listing without confirmation may have landed.
            end_open_twins(request).await;
            Ok(report_unchecked(&request.address, &error))
        }
        None => Err(end_interrupted(request).await),
    }
}

/// Finds out whether the result is right. Fails if that cannot be found out.
async fn compare_with_twin(request: &CheckRequest<'_>) -> Result<TwinFinding> {
    let &CheckRequest { ctx, address, job, .. } = request;
    let begun = Instant::now();
    let left = Duration::from_secs(seconds_left(ctx, job).await?);
    let longest = longest_run(job);
    let read_by = begun + reading_time(left, longest);
    let first = match FirstLook::take(read_result_of(request, &address, job, read_by).await?) {
        FirstLook::Comparable(first) => first,
        FirstLook::Decided(finding) => return Ok(finding),
    };

    let definition = fetch_definition(ctx, &address, job).await?;
    ensure_useful(&definition, request.means)?;
    ensure!(
        allows_twin(job.challenge_seconds, job.dispute_seconds),
        describe_short_window(job.challenge_seconds, job.dispute_seconds)
    );

    for _ in 0..MAX_TWINS {
        if let Some(decision) = find_decision(request).await? {
            return Ok(TwinFinding::Overtaken(decision));
        }
        let now = Instant::now();
        let left = left.saturating_sub(now - begun);
        let time = TwinTime::plan(left, longest).with_context(|| {
            format!("its challenge window leaves {} s, too little for a twin", left.as_secs())
        })?;

        let twin = list_twin(request, &definition, now + time.list_by).await?;
        if let Some(finding) = follow_twin(request, &first, twin, now, time).await? {
            return Ok(finding);
        }
        eprintln!("the twin {twin} came to the node whose result is checked: it shows nothing");
    }
    bail!("{MAX_TWINS} twins came to the node whose result is checked")
}

/// Waits for the twin's result, and compares both. Returns `None` if the node of the job has the
/// twin. A twin that is of no use any more is ended: the time that its node proves is paid. `now`:
/// from when on its time counts.
async fn follow_twin(
    request: &CheckRequest<'_>,
    first: &ClaimedResult,
    twin: Address,
    now: Instant,
    time: TwinTime,
) -> Result<Option<TwinFinding>> {
    let end = await_twin(request, &twin, now + time.result_by).await;
    let limit = stop_limit(request.job);

    match end {
        TwinEnd::Submitted(twin_job) => {
            let read_by = now + time.read_by;
            // It has a result: nothing can end it any more.
            request.twins.close_twin(&twin);
            let reading =
                read_result_of(request, &twin, &twin_job, read_by).await.with_context(|| {
                    format!(
                        "cannot read the result of the twin {twin}, which is paid when its window \
                         ends"
                    )
                })?;
            let twin = Twin { address: twin, job: twin_job };
            match TwinFinding::compare(first, &twin, reading) {
                Ok(finding) => Ok(Some(finding)),
                Err(problem) => Err(conclude_problem(request, &twin, problem).await),
            }
        }
        TwinEnd::SameNode => {
            end_twin(request, twin, limit).await;
            Ok(None)
        }
        TwinEnd::Overtaken(decision) => {
            end_twin(request, twin, limit).await;
            Ok(Some(TwinFinding::Overtaken(decision)))
        }
        TwinEnd::Other(state) => {
            request.twins.close_twin(&twin);
            bail!("the twin {twin} is {state}")
        }
        TwinEnd::Late => {
            // Ending it takes a while, in which the job's window can end.
            eprintln!(
                "the twin {twin} has no result in time; until the window ends, `nosana job \
                 challenge {}` disputes the result",
                request.address
            );
            end_twin(request, twin, limit).await;
            bail!("the twin {twin} has no result in time")
        }
    }
}

/// Ends the twins of a check that a signal ended. Returns the error of the command.
async fn end_interrupted(request: &CheckRequest<'_>) -> anyhow::Error {
    request.cancel.cancel();
    end_open_twins(request).await;

    let message = format!(
        "the result is not checked, and its node is paid when the challenge window ends: `nosana \
         job wait {} --check 1 --check-by twin` checks it, by another twin",
        request.address
    );
    CommandFailed { exit_code: INTERRUPTED, message }.into()
}

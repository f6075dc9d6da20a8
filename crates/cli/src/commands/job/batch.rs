//! Batch jobs: following them, and printing their results.

use std::cell::Cell;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use nosana_worker::CancelToken;
use serde_json::json;
use solana_address::Address;

use super::{
    answer::Answer,
    auto_accept::accept_if_sound,
    check::check_or_dispute,
    check_means::CheckPlan,
    check_outcome::{CheckOutcome, reject_withheld},
    check_request::CheckRequest,
    command_logs::{LogOptions, show_command_logs},
    history::{JobHistory, report_transactions, transactions_to_json},
    live_wait::LiveWait,
    output::print_output,
    twin::{accept_agreeing, challenge_contradicting, report_contradicting, twins_to_json},
    twin_record::TwinRecord,
    updates::follow_updates,
    verdict::{Verdict, ensure_completed},
};
use crate::commands::{context::CliContext, values::print_json};

/// A job that was followed to its end.
pub struct FollowedJob {
    /// Its account.
    pub job: Job,
    /// Its transactions; `None` if the network's node does not return them.
    pub history: Option<JobHistory>,
}

/// Follows the job to its end, and prints what it produced.
pub async fn follow_and_print(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<()> {
    let live = LiveWait::start(ctx, address, &options);
    let twins = TwinRecord::default();
    let FollowedJob { job, history } = follow_checked(ctx, address, options, &twins).await?;
    let shown = live.finish().await;
    let options = LogOptions { shown: shown.as_deref(), history: history.as_ref(), ..options };
    let answer = Answer::load(&ctx.job_store(&address, &job)?, address, &job)?;
    let verdict = Verdict::from_answer(&answer);

    if options.as_json {
        let twins = twins_to_json(ctx, &twins).await;
        print_json(&json!({
            "job": address.to_string(),
            "succeeded": verdict.has_succeeded(),
            "exit_code": verdict.exit_code(),
            "result": answer.result_id.to_string(),
            "outputs": answer.outputs_to_json()?,
            "cost": answer.cost.to_json(),
            "transactions": transactions_to_json(options.history),
            "twins": twins,
        }))?;
        return verdict.ensure_success(&address);
    }

    if answer.has_commands() {
        show_command_logs(&ctx.job_store(&address, &job)?, &answer, options)?;
    }
    for part in answer.parts().filter(|part| !part.is_command()) {
        print_output(&part)?;
    }
    verdict.ensure_success(&address)
}

/// What a command that follows a job knows about the check of its result.
#[derive(Default)]
struct CheckState {
    /// The last check.
    checked: Cell<Option<CheckedAttempt>>,
    /// Whether the user has been notified that the challenge window is kept.
    is_announced: Cell<bool>,
    /// Whether the user has been notified that this wallet checks nothing.
    is_refused: Cell<bool>,
}

/// The outcome of a check, and the attempt whose result was checked: a rejected one can be followed
/// by another.
#[derive(Clone, Copy)]
struct CheckedAttempt {
    attempt_id: u64,
    outcome: CheckOutcome,
}

impl CheckedAttempt {
    fn outcome_of(self, attempt_id: u64) -> Option<CheckOutcome> {
        (self.attempt_id == attempt_id).then_some(self.outcome)
    }
}

/// Follows the job to its end, and accepts its result if that is sound and, where it is checked,
/// right. Fails if the job ends without a result.
pub async fn follow_batch(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<FollowedJob> {
    follow_checked(ctx, address, options, &TwinRecord::default()).await
}

/// Follows the job like [`follow_batch`]. `twins`: gets the twins that the check lists.
async fn follow_checked(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
    twins: &TwinRecord,
) -> Result<FollowedJob> {
    let state = CheckState::default();
    let on_update = async |job: &Job| {
        let check = check_once(ctx, address, job, options.check, &state, twins).await?;

        if options.keeps_window && is_to_be_paid(ctx, job) && !state.is_announced.replace(true) {
            eprintln!(
                "the result is there: `nosana job logs {address}` prints it, `nosana job accept` \
                 or `reject` decides about it"
            );
            if let Some(twin) = twins.take_agreeing() {
                eprintln!("the twin is not accepted either: `nosana job accept {twin}` accepts it");
            }
        }

        match (options.keeps_window, check) {
            (false, None | Some(CheckOutcome::Right)) => {
                accept_if_sound(ctx, address, job).await?;
                accept_agreeing(ctx, &address, twins).await;
                Ok(())
            }
            (false, Some(CheckOutcome::Withheld)) if is_to_be_paid(ctx, job) => {
                reject_withheld(ctx, address, job).await
            }
            (false, Some(CheckOutcome::Withheld)) => Ok(()),
            (true, _) | (false, Some(CheckOutcome::Disputed | CheckOutcome::Unknown)) => Ok(()),
        }
    };
    let job = follow_updates(ctx, address, on_update)
        .await
        .inspect_err(|_| report_contradicting(twins))?;

    challenge_contradicting(ctx, &address, &job, twins).await;
    let history = report_transactions(ctx, &address).await;
    ensure_completed(&address, &job, options.as_json, history.as_ref())?;
    Ok(FollowedJob { job, history })
}

/// Checks the result of an attempt, once, if the plan and the coin say so. Returns the outcome;
/// `None` if there is nothing to check.
async fn check_once(
    ctx: &CliContext,
    address: Address,
    job: &Job,
    plan: Option<CheckPlan>,
    state: &CheckState,
    twins: &TwinRecord,
) -> Result<Option<CheckOutcome>> {
    let known = state.checked.get().and_then(|checked| checked.outcome_of(job.attempt_id));
    let Some(CheckPlan { rate, means }) = plan.filter(|_| known.is_none()) else {
        return Ok(known);
    };
    if !is_to_be_paid(ctx, job) {
        let is_foreign = job.state == State::Submitted as u8;
        if is_foreign && !state.is_refused.replace(true) {
            eprintln!(
                "the result is not checked: only its client {} checks and accepts it",
                job.client
            );
        }
        return Ok(None);
    }

    let outcome = if rate.draws_check(job) {
        let cancel = CancelToken::default();
        let request = CheckRequest { ctx, address, job, means, twins, cancel };
        check_or_dispute(&request).await?
    } else {
        eprintln!("the result is not checked: the coin of --check left it out");
        CheckOutcome::Right
    };
    state.checked.set(Some(CheckedAttempt { attempt_id: job.attempt_id, outcome }));
    Ok(Some(outcome))
}

/// Returns whether the job has a result that this client can accept.
fn is_to_be_paid(ctx: &CliContext, job: &Job) -> bool {
    job.state == State::Submitted as u8 && job.client == ctx.address()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_nothing_about_the_next_attempt() {
        let checked = CheckedAttempt { attempt_id: 1, outcome: CheckOutcome::Right };
        assert_eq!(checked.outcome_of(1), Some(CheckOutcome::Right));
        assert_eq!(checked.outcome_of(2), None);
    }
}

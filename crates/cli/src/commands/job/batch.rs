//! Batch jobs: following them, and printing their results.

use std::cell::Cell;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use serde_json::json;
use solana_address::Address;

use super::{
    answer::Answer,
    auto_accept::accept_if_sound,
    check::check_or_dispute,
    check_means::CheckPlan,
    check_outcome::{CheckOutcome, reject_withheld},
    command_logs::{LogOptions, show_command_logs},
    live_wait::LiveWait,
    output::print_output,
    updates::follow_updates,
    verdict::{Verdict, ensure_completed},
};
use crate::commands::{context::CliContext, values::print_json};

/// Follows the job to its end, and prints what it produced.
pub async fn follow_and_print(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<()> {
    let live = LiveWait::start(ctx, address, &options);
    let job = follow_batch(ctx, address, options).await?;
    let shown = live.finish().await;
    let options = LogOptions { shown: shown.as_deref(), ..options };
    let answer = Answer::load(&ctx.job_store(&address, &job)?, address, &job)?;
    let verdict = Verdict::from_answer(&answer);

    if options.as_json {
        print_json(&json!({
            "job": address.to_string(),
            "succeeded": verdict.has_succeeded(),
            "exit_code": verdict.exit_code(),
            "result": answer.result_id.to_string(),
            "outputs": answer.outputs_to_json()?,
            "cost": answer.cost.to_json(),
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
/// right. Fails if the job ends
/// without a result.
pub async fn follow_batch(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<Job> {
    let checked = Cell::new(None::<CheckedAttempt>);
    let is_announced = Cell::new(false);
    let on_update = async |job: &Job| {
        let mut check = checked.get().and_then(|checked| checked.outcome_of(job.attempt_id));
        if let Some(CheckPlan { rate, means }) = options.check
            && is_to_be_paid(ctx, job)
            && check.is_none()
        {
            let outcome = match rate.draws_check(job) {
                true => check_or_dispute(ctx, address, job, means).await?,
                false => CheckOutcome::Right,
            };
            checked.set(Some(CheckedAttempt { attempt_id: job.attempt_id, outcome }));
            check = Some(outcome);
        }

        if options.keeps_window && is_to_be_paid(ctx, job) && !is_announced.replace(true) {
            eprintln!(
                "the result is there: `nosana job logs {address}` prints it, `nosana job accept` \
                 or `reject` decides about it"
            );
        }

        match (options.keeps_window, check) {
            (false, None | Some(CheckOutcome::Right)) => accept_if_sound(ctx, address, job).await,
            (false, Some(CheckOutcome::Withheld)) if is_to_be_paid(ctx, job) => {
                reject_withheld(ctx, address, job).await
            }
            (false, Some(CheckOutcome::Withheld)) => Ok(()),
            (true, _) | (false, Some(CheckOutcome::Disputed | CheckOutcome::Unknown)) => Ok(()),
        }
    };
    let job = follow_updates(ctx, address, on_update).await?;

    ensure_completed(&address, &job, options.as_json)?;
    Ok(job)
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

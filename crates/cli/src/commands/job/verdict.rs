//! Whether what a job ran succeeded, and the exit status that reports it.

use anyhow::{Result, bail, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{CommandOutput, LimitReport, StepOutput};
use nosana_protocol::job::{Reason, State};
use serde_json::json;
use solana_address::Address;

use super::{
    answer::{Answer, OperationOutput},
    cost::JobCost,
    history::{JobHistory, transactions_to_json},
    words::{reason_name, state_name},
};
use crate::{
    commands::values::{format_nos, print_json},
    exit_status::{CommandFailed, MARKETPLACE_FAILURE},
};

/// The status of a command that failed without one of its own, as for a missing artifact.
const FAILED: u8 = 1;
/// The status of a command that exceeded its time, as `timeout` reports it.
const TIMED_OUT: u8 = 124;
/// The status of a command that another limit ended: that of a process killed by SIGKILL.
const KILLED: u8 = 137;

/// Whether what a job ran succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every operation succeeded.
    Succeeded,
    /// The exit status of the first command that failed.
    CommandFailed(u8),
    /// The node failed: it could not run an operation, or ended a service early.
    NodeFailed,
}

impl Verdict {
    /// Returns the verdict on a batch job's answer.
    pub fn from_answer(answer: &Answer) -> Self {
        let failed = answer.parts().find_map(|part| match part.output {
            Some(OperationOutput::Command(output)) => {
                let missing = part.operation.expected_artifacts().find_missing(&output.artifacts);
                let status = failed_status(output);
                status.or_else(|| (!missing.is_empty()).then_some(FAILED)).map(Self::CommandFailed)
            }
            Some(
                OperationOutput::Embedding(_)
                | OperationOutput::Generation(_)
                | OperationOutput::Serving(_),
            ) => None,
            None => Some(Self::NodeFailed),
        });
        failed.unwrap_or(Self::Succeeded)
    }

    /// Returns the verdict on a service, whose operations run until they are ended; `None` while it
    /// is not settled.
    pub fn from_service(job: &Job) -> Option<Self> {
        if job.state != State::Settled as u8 {
            return None;
        }

        let ended_in_time = matches!(
            Reason::from_byte(job.reason),
            Some(Reason::Completed | Reason::ClientStopped)
        );
        let has_succeeded = ended_in_time && job.started_at != 0;
        Some(if has_succeeded { Self::Succeeded } else { Self::NodeFailed })
    }

    /// Whether everything succeeded.
    pub const fn has_succeeded(self) -> bool {
        matches!(self, Self::Succeeded)
    }

    /// The exit status.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::CommandFailed(exit_code) => exit_code,
            Self::NodeFailed => MARKETPLACE_FAILURE,
        }
    }

    /// Fails with the exit status unless everything succeeded.
    pub fn ensure_success(self, job: &Address) -> Result<()> {
        match self {
            Self::Succeeded => Ok(()),
            Self::NodeFailed => bail!(
                "the node could not run an operation; \
                 `nosana job logs {job}` prints this again"
            ),
            Self::CommandFailed(exit_code) => {
                let message = format!(
                    "the command failed on the node, or did not leave an artifact; \
                     `nosana job logs {job}` prints this again"
                );
                Err(CommandFailed { exit_code, message }.into())
            }
        }
    }
}

/// Fails if the service is settled and ended for another reason than its time or its client.
pub fn ensure_service_served(job: &Job) -> Result<()> {
    ensure!(
        Verdict::from_service(job).is_none_or(Verdict::has_succeeded),
        "the service ended before its time: {}; the time that its node did not prove is refunded",
        reason_name(job)
    );
    Ok(())
}

/// Fails if the job, which is settled, has no result. Prints that as JSON first, if wanted, with
/// the transactions of `history`.
pub fn ensure_completed(
    address: &Address,
    job: &Job,
    as_json: bool,
    history: Option<&JobHistory>,
) -> Result<()> {
    if Reason::from_byte(job.reason) == Some(Reason::Completed) {
        return Ok(());
    }

    let reason = reason_name(job);
    if as_json {
        print_json(&json!({
            "job": address.to_string(),
            "succeeded": false,
            "exit_code": MARKETPLACE_FAILURE,
            "state": state_name(job),
            "reason": reason,
            "result": null,
            "outputs": null,
            "cost": JobCost::from_account(job)?.to_json(),
            "transactions": transactions_to_json(history),
        }))?;
    }
    if Reason::from_byte(job.reason) == Some(Reason::ResultWrong) {
        bail!(
            "the job ended without a result: its node lost the dispute about it; the whole deposit \
             came back, and {} of the node's collateral",
            format_nos(job.panel_fee)
        );
    }
    bail!("the job ended without a result: {reason}; the unearned deposit was refunded");
}

/// The exit status of an output that reports a failure; `None` if it reports success.
fn failed_status(output: &CommandOutput) -> Option<u8> {
    let failed_step = output.steps.iter().find_map(step_status);
    failed_step.or_else(|| (!output.succeeded()).then_some(FAILED))
}

fn step_status(step: &StepOutput) -> Option<u8> {
    match step.limit {
        Some(LimitReport::Timeout) => Some(TIMED_OUT),
        Some(_) => Some(KILLED),
        // One that was stopped has the exit code of a signal.
        None if step.succeeded() => None,
        None => step.exit_code.filter(|exit_code| *exit_code != 0),
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::StepStatus;

    use super::*;

    fn step(exit_code: Option<u8>, limit: Option<LimitReport>) -> StepOutput {
        let status = if limit.is_some() { StepStatus::Limit } else { StepStatus::Exited };
        StepOutput { status, exit_code, limit, ..StepOutput::skipped("one") }
    }

    #[test]
    fn a_step_reports_its_own_status_or_that_of_its_limit() {
        assert_eq!(step_status(&step(Some(0), None)), None);
        assert_eq!(step_status(&step(Some(3), None)), Some(3));
        assert_eq!(step_status(&step(None, Some(LimitReport::Timeout))), Some(124));
        assert_eq!(step_status(&step(None, Some(LimitReport::Memory))), Some(137));
        assert_eq!(step_status(&StepOutput::skipped("one")), None);
        let stopped = StepOutput { status: StepStatus::Stopped, ..step(Some(143), None) };
        assert_eq!(step_status(&stopped), None, "its work was done");
    }

    #[test]
    fn a_verdict_ends_the_process_with_its_status() {
        use crate::exit_status::find_status;
        let job = Address::default();
        assert!(Verdict::Succeeded.ensure_success(&job).is_ok());
        for exit_code in [1, 3, 124, 125, 255] {
            let error = Verdict::CommandFailed(exit_code).ensure_success(&job).unwrap_err();
            assert_eq!(find_status(&error, true), exit_code);
            assert!(error.to_string().contains("the command failed"), "{error}");
        }
        let error = Verdict::NodeFailed.ensure_success(&job).unwrap_err();
        assert_eq!(find_status(&error, true), MARKETPLACE_FAILURE);
    }
}

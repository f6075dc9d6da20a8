//! The cost of a job: what the chain has paid, or would pay if the job ended now.

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    Overflow,
    job::{Reason, State},
    settlement::{Split, split_escrow},
    units::{Seconds, UnixTimestamp},
};
use serde_json::{Map, Value, json};

use crate::commands::values::format_nos;

/// The cost of a job. All amounts are base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobCost {
    /// Whether the job is settled, so that nothing changes any more.
    pub is_final: bool,
    /// Time that is paid.
    pub paid_time: Seconds,
    /// The price of a second.
    price: u64,
    /// What the client has paid for the whole timeout.
    pub deposit: u64,
    /// The parts of the deposit.
    pub split: Split,
}

impl JobCost {
    /// Computes the cost at `now` of the chain's clock. A job that has not started costs nothing
    /// yet.
    pub fn compute(job: &Job, now: UnixTimestamp) -> Result<Self> {
        let (paid_time, split) =
            compute_split(job, now).ok().context("the numbers of the job's account overflow")?;
        let deposit = job.to_terms().escrow_amount().ok().unwrap_or_default();

        Ok(Self {
            is_final: job.state == State::Settled as u8,
            paid_time,
            price: job.price_per_second,
            deposit: deposit.0,
            split,
        })
    }

    /// Computes the cost by the account alone: that of a run up to its last heartbeat.
    pub fn from_account(job: &Job) -> Result<Self> {
        Self::compute(job, UnixTimestamp(job.heartbeat_at))
    }

    /// What the client pays in the end: the node's pay and the network's fee.
    pub fn total(&self) -> u64 {
        self.split.node.0.saturating_add(self.split.network.0)
    }

    /// One line about time and pay, such as `12 s at 0.000050 NOS a second: 0.000600 NOS for the
    /// node and a fee of 0.000060 NOS`.
    pub fn describe_pay(&self) -> String {
        format!(
            "{} s at {} a second: {} for the node and a fee of {}",
            self.paid_time.0,
            format_nos(self.price),
            format_nos(self.split.node.0),
            format_nos(self.split.network.0)
        )
    }

    /// One line about time, pay and refund. A job that is not settled may be ended now.
    pub fn describe_parts(&self) -> String {
        let refund = format_nos(self.split.client.0);
        let refunded = if self.is_final { "came back" } else { "would come back" };
        format!("{}; {refund} {refunded}", self.describe_pay())
    }

    /// One line about a settled job for the end of a wait.
    pub fn describe_end(&self) -> String {
        format!("cost     {}", self.describe_parts())
    }

    /// The lines of `nosana job show`.
    pub fn to_lines(self) -> Vec<(&'static str, String)> {
        let [cost, refund] = if self.is_final {
            ["cost", "refund"]
        } else {
            // What `stop` or `cancel` would cost and refund now.
            ["cost so far", "would refund"]
        };

        vec![
            (cost, format!("{} = {}", format_nos(self.total()), self.describe_pay())),
            (
                refund,
                format!("{} of {}", format_nos(self.split.client.0), format_nos(self.deposit)),
            ),
        ]
    }

    /// The fields of a job in JSON.
    pub fn to_json(self) -> Map<String, Value> {
        let fields = json!({
            "deposit": self.deposit,
            "paid_seconds": self.paid_time.0,
            "cost": self.total(),
            "node_amount": self.split.node.0,
            "network_amount": self.split.network.0,
            "refund_amount": self.split.client.0,
            "is_final": self.is_final,
        });
        fields.as_object().cloned().unwrap_or_default()
    }
}

fn compute_split(job: &Job, now: UnixTimestamp) -> Result<(Seconds, Split), Overflow> {
    let has_result = job.to_terms().kind.has_result();
    let reason = Reason::from_byte(job.reason);

    match State::from_byte(job.state) {
        Some(State::Settled) if has_result && reason == Some(Reason::Completed) => {
            split_result(job, Reason::Completed)
        }
        Some(State::Settled) if reason == Some(Reason::ResultRejected) => {
            split_result(job, Reason::ResultRejected)
        }
        Some(State::Settled) => {
            let settled = UnixTimestamp(job.settled_at);
            job.compute_split(reason.unwrap_or(Reason::None), settled)
        }
        Some(State::Submitted | State::Challenged) => split_result(job, Reason::Completed),
        Some(State::Running) => job.compute_split(Reason::ClientStopped, now),
        Some(State::Queued | State::Matched) | None => job.compute_split(Reason::Cancelled, now),
    }
}

/// The split for a result that was paid or rejected: it counts from the start to its submission,
/// heartbeats do not matter.
fn split_result(job: &Job, reason: Reason) -> Result<(Seconds, Split), Overflow> {
    let terms = job.to_terms();
    let started = UnixTimestamp(job.started_at);
    let proven = UnixTimestamp(job.submitted_at).seconds_since(started);

    let escrow = terms.escrow_amount()?;
    let split = split_escrow(&terms, escrow, reason, Some(proven))?;
    Ok((terms.paid_time(reason, proven), split))
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    /// A batch job of 600 s at 50, with a fee of a tenth, that started at 1,000.
    fn running_job() -> Job {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job {
            state: State::Running as u8,
            price_per_second: 50,
            timeout_seconds: 600,
            network_fee_bps: 1_000,
            heartbeat_seconds: 20,
            started_at: 1_000,
            heartbeat_at: 1_010,
            ..Job::from_data(&zeroed).unwrap()
        }
    }

    fn cost(job: Job, now: i64) -> JobCost {
        JobCost::compute(&job, UnixTimestamp(now)).unwrap()
    }

    #[test]
    fn a_result_is_paid_until_its_submission() {
        let job = Job {
            state: State::Settled as u8,
            reason: Reason::Completed as u8,
            // The last heartbeat is longer ago than the heartbeat clock: only a stop would count
            // it.
            submitted_at: 1_100,
            settled_at: 9_000,
            ..running_job()
        };
        let settled = cost(job, 99_999);
        assert_eq!(settled.paid_time, Seconds(100));
        assert_eq!((settled.split.node.0, settled.split.network.0), (5_000, 500));
        assert_eq!((settled.deposit, settled.split.client.0), (33_000, 27_500));
        assert_eq!(
            settled.describe_end(),
            "cost     100 s at 0.000050 NOS a second: 0.005000 NOS for the node and a fee of \
             0.000500 NOS; 0.027500 NOS came back"
        );
        assert_eq!(settled.to_json()["cost"], 5_500);
        assert_eq!(JobCost::from_account(&job).unwrap(), settled);

        let rejected = cost(Job { reason: Reason::ResultRejected as u8, ..job }, 99_999);
        assert_eq!((rejected.split.node.0, rejected.split.network.0), (0, 5_500));
        assert_eq!(rejected.total(), settled.total(), "rejecting saves nothing");

        let submitted = Job { state: State::Submitted as u8, reason: 0, settled_at: 0, ..job };
        let open = cost(submitted, 1_200);
        assert_eq!((open.is_final, open.split), (false, settled.split));
    }

    #[test]
    fn a_running_job_costs_what_a_stop_would_cost() {
        let running = cost(running_job(), 1_020);
        assert_eq!((running.paid_time, running.total()), (Seconds(20), 1_100));
        assert_eq!(running.to_lines()[0].0, "cost so far");
        assert_eq!(JobCost::from_account(&running_job()).unwrap(), cost(running_job(), 1_010));
        // Its heartbeats are lost: only the proven time counts.
        assert_eq!(cost(running_job(), 1_100).paid_time, Seconds(10));
    }

    #[test]
    fn what_never_ran_costs_nothing() {
        let queued = Job { state: State::Queued as u8, started_at: 0, ..running_job() };
        let cancelled =
            Job { state: State::Settled as u8, reason: Reason::Cancelled as u8, ..queued };
        let failed = Job { reason: Reason::DeadlineExceeded as u8, settled_at: 1_700, ..cancelled };
        for (job, is_final) in [(queued, false), (cancelled, true), (failed, true)] {
            let free = cost(job, 2_000);
            assert_eq!((free.total(), free.split.client.0), (0, 33_000));
            assert_eq!((free.paid_time, free.is_final), (Seconds(0), is_final));
        }
    }
}

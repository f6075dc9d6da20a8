//! The jobs of a deployment, as the chain has them.

use anyhow::{Context, Result};
use nosana_client::{jobs::accounts::Job, session::Filter};
use nosana_job_spec::ContentId;
use nosana_protocol::{
    job::{ReturnCause, State},
    units::UnixTimestamp,
};
use solana_address::Address;

use super::{
    cost::cost_of,
    nonce::{DeploymentTag, TAG_OFFSET},
};
use crate::commands::{
    context::CliContext,
    job::{cost::JobCost, service::has_ended_early},
};

/// A job of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replica {
    /// The job.
    pub address: Address,
    /// Its number in the deployment: later jobs have higher numbers.
    pub number: u32,
    /// What it does.
    pub phase: Phase,
    /// Base units that it has cost, or that it holds for the time to come.
    pub committed: u64,
    /// What a second of it costs with its fee, in base units, rounded up.
    pub cost_per_second: u64,
    /// Unix timestamp of its listing.
    pub listed_at: i64,
    /// The definition of what it runs.
    pub definition: ContentId,
    /// Whether the job is private.
    pub is_private: bool,
    /// Whether the last node that had it gave it back because nobody brought its content.
    pub lacked_content: bool,
    /// The node that is matched with it, or runs it.
    pub node: Option<Address>,
    /// What its node has reported last, while it runs.
    pub report: Option<ContentId>,
    /// Unix timestamp of its node's last heartbeat.
    pub heartbeat_at: i64,
    /// Whether it runs, and its ports are not ready as far as is known: the chain does not know.
    pub is_unready: bool,
}

/// What a job of a deployment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No node has started it.
    Waiting,
    /// No node can start it: it is private, a node gave it back without its content, and this
    /// machine has lost that. The chain does not know the last.
    Stranded,
    /// It runs, and its ports have not been ready for too long. Its node has reported that, and the
    /// chain has only the report's digest.
    Unhealthy,
    /// It runs.
    Running {
        /// On this node.
        node: Address,
        /// Unix timestamp of the end of its paid time.
        ends_at: i64,
        /// Its paid time, in seconds.
        timeout_seconds: u64,
        /// Whether its node has given up: it stays until it is stopped or expires.
        has_ended: bool,
    },
    /// It is settled.
    Over,
}

impl Replica {
    /// Whether the job counts as a replica.
    pub const fn is_active(&self) -> bool {
        match self.phase {
            Phase::Waiting => true,
            Phase::Running { has_ended, .. } => !has_ended,
            Phase::Stranded | Phase::Unhealthy | Phase::Over => false,
        }
    }

    /// Whether the job keeps its deployment from being over.
    pub const fn is_pending(&self) -> bool {
        self.is_active() || matches!(self.phase, Phase::Stranded | Phase::Unhealthy)
    }

    /// Unix timestamp of the begin of its run; `None` if it does not run.
    pub fn started_at(&self) -> Option<i64> {
        match self.phase {
            Phase::Running { ends_at, timeout_seconds, .. } => {
                Some(ends_at.saturating_sub_unsigned(timeout_seconds))
            }
            Phase::Waiting | Phase::Stranded | Phase::Unhealthy | Phase::Over => None,
        }
    }

    fn from_account(address: Address, number: u32, job: &Job, now: UnixTimestamp) -> Result<Self> {
        let cost = JobCost::compute(job, now)?;
        let started_at = job.started_at;
        let timeout = i64::try_from(job.timeout_seconds).unwrap_or(i64::MAX);

        let phase = match State::from_byte(job.state) {
            Some(State::Queued | State::Matched) => Phase::Waiting,
            Some(State::Running) => Phase::Running {
                node: job.node,
                ends_at: started_at.saturating_add(timeout),
                timeout_seconds: job.timeout_seconds,
                has_ended: has_ended_early(job),
            },
            Some(State::Submitted | State::Challenged | State::Settled) | None => Phase::Over,
        };
        let committed = match phase {
            Phase::Over => cost.total(),
            // Without the job's budget, which somebody else may have added.
            Phase::Waiting | Phase::Stranded | Phase::Unhealthy | Phase::Running { .. } => {
                cost.deposit
            }
        };
        let cost_per_second = cost_of(job.price_per_second, job.network_fee_bps, 1)?;
        Ok(Self {
            address,
            number,
            phase,
            committed,
            cost_per_second,
            listed_at: job.listed_at,
            definition: ContentId::from_digest(job.definition),
            is_private: job.is_private != 0,
            lacked_content: lacked_content(job),
            node: (phase != Phase::Over && job.node != Address::default()).then_some(job.node),
            report: find_report(job),
            heartbeat_at: job.heartbeat_at,
            is_unready: false,
        })
    }

    /// A replica for tests.
    #[cfg(test)]
    pub fn with_phase(number: u8, phase: Phase) -> Self {
        let node = match phase {
            Phase::Running { node, .. } => Some(node),
            Phase::Waiting | Phase::Stranded | Phase::Unhealthy | Phase::Over => None,
        };
        Self {
            address: Address::new_from_array([number; 32]),
            number: number.into(),
            phase,
            committed: 10,
            cost_per_second: 2,
            listed_at: -1_000,
            definition: ContentId::from_digest([1; 32]),
            is_private: false,
            lacked_content: false,
            node,
            report: None,
            heartbeat_at: 0,
            is_unready: false,
        }
    }
}

/// The last report of a service that runs. The last heartbeat of one whose operations have ended
/// names their result instead.
fn find_report(job: &Job) -> Option<ContentId> {
    let is_running = job.state == State::Running as u8;
    let has_report = is_running && job.checkpoint != [0; 32] && !has_ended_early(job);
    has_report.then(|| ContentId::from_digest(job.checkpoint))
}

fn lacked_content(job: &Job) -> bool {
    let cause = ReturnCause::from_byte(job.return_cause);
    job.refusals > 0 && cause == Some(ReturnCause::ContentUnavailable)
}

/// Finds the jobs of a deployment, the oldest first.
///
/// # Errors
/// If the accounts cannot be read.
pub async fn find_replicas(
    ctx: &CliContext,
    tag: DeploymentTag,
    now: UnixTimestamp,
) -> Result<Vec<Replica>> {
    let filters = [
        Filter::new(Job::CLIENT_OFFSET, ctx.address()),
        Filter::new(Job::NONCE_OFFSET + TAG_OFFSET, tag.to_bytes()),
    ];
    let found = ctx.session.list_accounts::<Job>(&filters).await;
    let found = found.context("cannot read the jobs of the deployment")?;

    let replicas = found.iter().filter_map(|(address, job)| {
        let number = tag.number(job.nonce)?;
        Some(Replica::from_account(*address, number, job, now))
    });
    let mut replicas: Vec<Replica> = replicas.collect::<Result<_>>()?;
    replicas.sort_unstable_by_key(|replica| replica.number);
    Ok(replicas)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn what_was_added_to_the_budget_of_a_job_is_not_spent() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job {
            price_per_second: 50,
            timeout_seconds: 100,
            network_fee_bps: 1_000,
            escrow: 5_500 + 700,
            budget: 700,
            ..Job::from_data(&zeroed).unwrap()
        };
        let replica = Replica::from_account(Address::default(), 1, &job, UnixTimestamp(0)).unwrap();
        assert_eq!((replica.phase, replica.committed), (Phase::Waiting, 5_500));
    }
}

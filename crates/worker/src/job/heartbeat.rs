//! Heartbeats prove to the chain that the node is alive.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
};
use nosana_job_spec::ContentId;
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    event_sink::EventSink,
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

/// Heartbeats within the time that the job allows between two.
const HEARTBEATS_PER_LIMIT: u32 = 3;
/// A heartbeat is urgent once less than one part of so many of its time is left.
const URGENT_DIVISOR: u32 = 3;

/// A checkpoint that leaves the previous one on the chain.
const NO_CHECKPOINT: [u8; 32] = [0; 32];
/// Operations report no progress.
const NO_PROGRESS: u16 = 0;

/// The refusals after which a run accepts no more heartbeats.
const FINAL_REFUSALS: [jobs::Error; 3] =
    [jobs::Error::WrongState, jobs::Error::NotThisNode, jobs::Error::AnotherAttempt];

/// The content of a heartbeat.
pub(super) struct Heartbeat {
    checkpoint: [u8; 32],
    progress_bps: u16,
}

/// The heartbeats of one run.
pub(super) struct HeartbeatSender {
    job: Address,
    attempt_id: u64,
    /// The longest time between two heartbeats.
    limit: Duration,
    /// When the last heartbeat landed, or the run began here.
    landed_at: Mutex<Instant>,
}

impl HeartbeatSender {
    /// Starts the clock of a run's heartbeats.
    pub fn new(address: Address, job: &Job) -> Self {
        Self {
            job: address,
            attempt_id: job.attempt_id,
            limit: Duration::from_secs(job.heartbeat_seconds.into()),
            landed_at: Mutex::new(Instant::now()),
        }
    }

    /// The job that runs.
    pub fn job(&self) -> Address {
        self.job
    }

    /// Returns the pause between two heartbeats.
    pub fn interval(&self) -> Duration {
        (self.limit / HEARTBEATS_PER_LIMIT).max(Duration::from_secs(1))
    }

    /// Returns whether the next heartbeat must not land late: the others of its time did not land.
    fn is_urgent(&self) -> bool {
        let silence = self.lock_landed().elapsed();
        silence * URGENT_DIVISOR >= self.limit * (URGENT_DIVISOR - 1)
    }

    fn record_landing(&self) {
        *self.lock_landed() = Instant::now();
    }

    fn lock_landed(&self) -> MutexGuard<'_, Instant> {
        self.landed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heartbeat {
    /// A heartbeat of a batch job.
    pub fn for_batch() -> Self {
        Self { checkpoint: NO_CHECKPOINT, progress_bps: NO_PROGRESS }
    }

    /// A heartbeat of a service that runs. `report` is the file to name in the checkpoint.
    pub fn for_service(report: Option<&ContentId>) -> Self {
        Self {
            checkpoint: report.map_or(NO_CHECKPOINT, ContentId::digest),
            progress_bps: NO_PROGRESS,
        }
    }

    /// The same heartbeat with this progress.
    #[must_use]
    pub fn with_progress(self, progress_bps: u16) -> Self {
        Self { progress_bps, ..self }
    }
}

impl Worker {
    /// Sends one heartbeat. Returns the refusal if no later one will be accepted; after any other
    /// failure the next heartbeat tries again.
    pub(super) async fn send_heartbeat(
        &self,
        sender: &HeartbeatSender,
        heartbeat: Heartbeat,
        events: &EventSink,
    ) -> Option<String> {
        let Heartbeat { checkpoint, progress_bps } = heartbeat;
        let HeartbeatSender { job, attempt_id, .. } = *sender;
        let owner = self.config.authority.pubkey();
        let instruction = actions::heartbeat(owner, job, attempt_id, checkpoint, progress_bps);
        let mut outgoing = Outgoing::for_job(job, "heartbeat", instruction);
        if sender.is_urgent() {
            outgoing = outgoing.urgent();
        }

        match self.send(outgoing, events).await {
            Ok(_) => {
                sender.record_landing();
                None
            }
            Err(error) if FINAL_REFUSALS.iter().any(|refusal| refused_with(&error, *refusal)) => {
                Some(error.to_string())
            }
            Err(error) => {
                events.emit_problem(format!("a heartbeat failed: {error}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    #[test]
    fn heartbeats_are_a_third_of_the_limit_apart() {
        let interval = |heartbeat_seconds| {
            let job = Job { heartbeat_seconds, ..zeroed_job() };
            HeartbeatSender::new(Address::default(), &job).interval().as_secs()
        };
        assert_eq!((interval(30), interval(0)), (10, 1));
    }

    #[test]
    fn a_heartbeat_is_urgent_when_two_thirds_of_its_time_are_over() {
        let job = Job { heartbeat_seconds: 30, ..zeroed_job() };
        let sender = HeartbeatSender::new(Address::default(), &job);
        assert!(!sender.is_urgent());

        *sender.lock_landed() -= Duration::from_secs(19);
        assert!(!sender.is_urgent());
        *sender.lock_landed() -= Duration::from_secs(1);
        assert!(sender.is_urgent());

        sender.record_landing();
        assert!(!sender.is_urgent());
    }
}

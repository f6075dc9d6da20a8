//! Heartbeats prove to the chain that the node is alive.

use std::time::Duration;

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
const HEARTBEATS_PER_LIMIT: u64 = 3;

/// A checkpoint that leaves the previous one on the chain.
const NO_CHECKPOINT: [u8; 32] = [0; 32];
/// Operations report no progress.
const NO_PROGRESS: u16 = 0;

/// The refusals after which a batch job accepts no more heartbeats.
const BATCH_REFUSALS: &[jobs::Error] = &[jobs::Error::WrongState, jobs::Error::NotThisNode];
/// The refusals after which a service accepts no more heartbeats. A service cannot prove later what
/// it did not prove in time.
const SERVICE_REFUSALS: &[jobs::Error] =
    &[jobs::Error::WrongState, jobs::Error::NotThisNode, jobs::Error::DeadlinePassed];

/// The content of a heartbeat, and the refusals that end the run.
pub(super) struct Heartbeat {
    checkpoint: [u8; 32],
    progress_bps: u16,
    final_refusals: &'static [jobs::Error],
}

impl Heartbeat {
    /// A heartbeat of a batch job.
    pub fn for_batch() -> Self {
        Self {
            checkpoint: NO_CHECKPOINT,
            progress_bps: NO_PROGRESS,
            final_refusals: BATCH_REFUSALS,
        }
    }

    /// A heartbeat of a service that runs. `report` is the file to name in the checkpoint.
    pub fn for_service(report: Option<&ContentId>) -> Self {
        Self {
            checkpoint: report.map_or(NO_CHECKPOINT, ContentId::digest),
            progress_bps: NO_PROGRESS,
            final_refusals: SERVICE_REFUSALS,
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
        address: Address,
        heartbeat: Heartbeat,
        events: &EventSink,
    ) -> Option<String> {
        let Heartbeat { checkpoint, progress_bps, final_refusals } = heartbeat;
        let owner = self.config.authority.pubkey();
        let instruction = actions::heartbeat(owner, address, checkpoint, progress_bps);

        match self.send(Outgoing::for_job(address, "heartbeat", instruction), events).await {
            Ok(_) => None,
            Err(error) if final_refusals.iter().any(|refusal| refused_with(&error, *refusal)) => {
                Some(error.to_string())
            }
            Err(error) => {
                events.emit_problem(format!("a heartbeat failed: {error}"));
                None
            }
        }
    }
}

/// Returns the pause between two heartbeats of a run.
pub(super) fn heartbeat_interval(job: &Job) -> Duration {
    Duration::from_secs((u64::from(job.heartbeat_seconds) / HEARTBEATS_PER_LIMIT).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    #[test]
    fn heartbeats_are_a_third_of_the_limit_apart() {
        let job = Job { heartbeat_seconds: 30, ..zeroed_job() };
        assert_eq!(heartbeat_interval(&job).as_secs(), 10);
        assert_eq!(heartbeat_interval(&Job { heartbeat_seconds: 0, ..job }).as_secs(), 1);
    }
}

//! Lets the parties of a job reach its logs and ports while it runs.

use nosana_client::jobs::accounts::Job;
use nosana_net::access::JobParties;
use solana_address::Address;

use crate::{
    live_jobs::{LiveRun, RegisteredRun},
    worker::Worker,
};

impl Worker {
    /// Registers a run that begins now; it has ended when the returned value is dropped.
    pub(super) fn register_run(&self, address: Address, job: &Job, run: LiveRun) -> RegisteredRun {
        let parties = JobParties { client: job.client, payer: job.payer };
        self.live_jobs.register_run(address, parties, run)
    }
}

//! The client: keeps a few jobs open, and cancels those that came back to the queue.

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_job_spec::ContentId;
use nosana_localnet::World;
use nosana_protocol::job::{Kind, State};
use nosana_store::Store;
use solana_address::Address;
use solana_signer::Signer;
use tokio::time::{Instant, sleep};

use super::{
    config::{JOBS_IN_FLIGHT, PRICE, TIMEOUT_SECONDS},
    keeper::POLL_INTERVAL,
    workload::JobWork,
};
use crate::progress::Part;

/// A job that the client listed.
#[derive(Clone, Copy, Debug)]
pub struct PostedJob {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its address.
    pub address: Address,
    /// Its definition.
    pub definition: ContentId,
}

/// Which jobs of the queue are cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelScope {
    /// Those that a node gave back or lost.
    Returned,
    /// All of them.
    Everything,
}

/// The client of a trial.
#[derive(Clone, Copy)]
pub struct JobClient<'a> {
    pub world: &'a World,
    pub store: &'a Store,
    pub work: JobWork,
}

impl JobClient<'_> {
    /// Lists jobs until the deadline, so that [`JOBS_IN_FLIGHT`] are open.
    pub async fn keep_posting(
        &self,
        deadline: Instant,
        posted: &mut Vec<PostedJob>,
        part: &Part,
    ) -> Result<()> {
        let session = &self.world.session;

        for number in 1.. {
            while session.fetch_queue(&self.world.market).await?.header.open_jobs >= JOBS_IN_FLIGHT
            {
                if Instant::now() >= deadline {
                    return Ok(());
                }
                sleep(POLL_INTERVAL).await;
            }

            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            part.set_step(format!("{} jobs posted, {} s left", posted.len(), left.as_secs()));
            posted.push(self.post_job(number).await?);
        }
        Ok(())
    }

    /// Stores a definition and lists it as the job `number`.
    async fn post_job(&self, number: u64) -> Result<PostedJob> {
        let world = self.world;
        let client = world.client.pubkey();
        let definition = self.store.put_json(&self.work.build_definition(number))?;
        let listing = actions::JobListing {
            nonce: number,
            definition: definition.digest(),
            kind: Kind::Batch as u8,
            timeout_seconds: TIMEOUT_SECONDS,
            max_price_per_second: PRICE,
            is_private: false,
        };

        let list = actions::list(client, client, world.market, world.mint, listing);
        let sent = world.session.send_transaction(&[list.into()], &world.client, &[]).await;
        sent.with_context(|| format!("cannot list job {number}"))?;
        Ok(PostedJob { number, address: pda::jobs::job(&client, number), definition })
    }

    /// Returns those of these jobs that are not settled.
    pub async fn find_open(&self, jobs: &[PostedJob]) -> Result<Vec<(PostedJob, Job)>> {
        let mut open = Vec::new();
        for posted in jobs {
            let job = self.world.session.fetch_account::<Job>(&posted.address).await?;
            if job.state != State::Settled as u8 {
                open.push((*posted, job));
            }
        }
        Ok(open)
    }

    /// Cancels jobs that wait in the queue. A node may be faster and take one.
    pub async fn cancel_waiting(
        &self,
        open: &[(PostedJob, Job)],
        scope: CancelScope,
    ) -> Result<()> {
        let world = self.world;
        let queue = world.session.fetch_queue(&world.market).await?;

        for (posted, job) in open {
            let is_meant = match scope {
                CancelScope::Returned => job.attempts > 0 || job.refusals > 0,
                CancelScope::Everything => true,
            };
            if is_meant && let Some(cell) = queue.find_cell(&posted.address) {
                let cancel = actions::cancel(posted.address, job, cell);
                let sent =
                    world.session.send_transaction(&[cancel.into()], &world.client, &[]).await;
                // If it fails, the next round reads the job again.
                drop(sent);
            }
        }
        Ok(())
    }
}

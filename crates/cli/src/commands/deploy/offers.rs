//! Offers the definition of replicas that wait to nodes that keep it, beside everything else: a
//! node may be slow, and an earlier process may have been killed before it had offered it.

use std::{collections::HashSet, time::Duration};

use nosana_job_spec::ContentId;
use nosana_net::exchange::REPLICAS;
use solana_address::Address;
use tokio::{
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{
    replica::{Phase, Replica},
    waiting_jobs::WaitingJobs,
};
use crate::commands::{client_network::REPLICATION_TIMEOUT, context::CliContext};

/// The pause between two offers of a definition: a node that kept it may be gone.
const INTERVAL: Duration = Duration::from_secs(60);

/// The replicas whose definition is offered.
#[derive(Default)]
pub struct Offers(WaitingJobs);

impl Offers {
    /// Begins to offer for public replicas that wait, and ends that for others.
    pub fn update(&mut self, ctx: &CliContext, replicas: &[Replica]) {
        let is_offered =
            |replica: &&Replica| !replica.is_private && replica.phase == Phase::Waiting;
        let offered = replicas.iter().filter(is_offered);
        self.0.keep_only(&offered.clone().map(|replica| replica.address).collect::<HashSet<_>>());

        for Replica { address, definition, .. } in offered {
            if !self.0.has_task(address) {
                self.0.add_task(*address, spawn_offers(ctx, *address, *definition));
            }
        }
    }
}

/// Offers a definition again and again until it is aborted.
fn spawn_offers(ctx: &CliContext, job: Address, definition: ContentId) -> AbortHandle {
    let (network, store) = (ctx.network.clone(), ctx.store.clone());

    let offering = async move {
        loop {
            let offer = network.replicate_inputs(&store, job, definition, REPLICAS);
            match timeout(REPLICATION_TIMEOUT, offer).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => eprintln!("no node has the definition of {job} yet: {error:#}"),
                Err(_) => eprintln!("no node has taken the definition of {job} in time"),
            }
            sleep(INTERVAL).await;
        }
    };
    tokio::spawn(offering).abort_handle()
}

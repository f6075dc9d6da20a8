//! Clients and nodes whose jobs are independent of each other, on a bank that threads share.

use nosana_client::{pda, session::MAX_LOADED_BYTES};
use nosana_tests::{
    World,
    terms::{challenged, earnings},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    bank::{Prepared, SharedBank},
    job::{MAX_UNITS, RUN_SECONDS, Role, Step, next_nonce},
};

/// A client, and a node that has no other jobs.
struct Lane {
    client: Keypair,
    node: Keypair,
    /// The nonce of the client's latest job.
    nonce: u64,
}

/// The lane whose client listed a job, and the lane whose node took it.
#[derive(Clone, Copy)]
pub struct Pair {
    client: usize,
    node: usize,
}

/// Lanes, and as many markets.
pub struct Fleet {
    world: World<SharedBank>,
    markets: Vec<Address>,
    lanes: Vec<Lane>,
    /// Base units of all clients, and of all nodes, before their first job.
    tokens_before: [u64; 2],
}

impl Fleet {
    /// Sets up so many lanes and markets.
    pub async fn open(lanes: usize) -> Self {
        let world = World::<SharedBank>::new(challenged()).await;
        let mut markets = vec![world.market];
        for id in 2..=lanes as u64 {
            markets.push(world.open_market(id, challenged()).await);
        }

        let mut fleet = Self { world, markets, lanes: Vec::new(), tokens_before: [0; 2] };
        for _ in 0..lanes {
            let lane = fleet.open_lane().await;
            fleet.lanes.push(lane);
        }
        fleet.tokens_before = fleet.sum_tokens().await;
        fleet
    }

    async fn open_lane(&self) -> Lane {
        let [client, node] = [self.world.wallet().await, self.world.wallet().await];
        self.world.stake(&node).await;
        self.world.enter(&node).await;
        self.world.register(&node).await;

        Lane { client, node, nonce: 0 }
    }

    /// The chain of the jobs.
    pub const fn chain(&self) -> &SharedBank {
        &self.world.chain
    }

    /// Begins a job in each lane, and pairs each client with the node of its lane.
    pub fn begin_jobs(&mut self) -> Vec<Pair> {
        for lane in &mut self.lanes {
            lane.nonce = next_nonce(&lane.client.pubkey(), lane.nonce + 1);
        }

        (0..self.lanes.len()).map(|lane| Pair { client: lane, node: lane }).collect()
    }

    /// Pairs the nodes with the clients whose jobs they took: in a market of several lanes, nodes
    /// take jobs in the order of the queue.
    pub async fn pair_claimed(&self) -> Vec<Pair> {
        let of_lane = |lane: &Lane| pda::jobs::job(&lane.client.pubkey(), lane.nonce);
        let jobs: Vec<Address> = self.lanes.iter().map(of_lane).collect();

        let mut pairs = Vec::new();
        for (node, lane) in self.lanes.iter().enumerate() {
            let claimed = self.world.claimed_jobs(&lane.node).await;
            let client = jobs.iter().position(|job| claimed == [*job]);
            pairs.push(Pair { client: client.expect("each node took one job"), node });
        }
        pairs
    }

    /// Advances the clock to the time of this step, and returns the transactions of all pairs. The
    /// lanes are spread over this many markets.
    pub async fn prepare_step(&self, step: Step, markets: usize, pairs: &[Pair]) -> Vec<Prepared> {
        self.world.advance_clock(step.wait_seconds());
        self.chain().renew_blockhash();

        let mut prepared = Vec::new();
        for Pair { client, node } in pairs {
            let lane = &self.lanes[*client];
            let role = Role {
                client: &lane.client,
                node: &self.lanes[*node].node,
                market: self.markets[client % markets],
            };
            let request = role.build_request(&self.world, step, lane.nonce).await;
            let instructions = request.with_limits(MAX_UNITS, Some(MAX_LOADED_BYTES));
            prepared.push(self.chain().prepare_transaction(&instructions, request.payer));
        }
        prepared
    }

    /// Checks the balances after so many whole jobs: those of the vaults, and what clients and
    /// nodes have paid and earned.
    pub async fn check_balances(&self, jobs: u64) {
        let [clients_before, nodes_before] = self.tokens_before;
        let [clients, nodes] = self.sum_tokens().await;
        let (pay, fee) = earnings(RUN_SECONDS);

        assert_eq!(nodes - nodes_before, jobs * pay, "the pay of {jobs} jobs");
        assert_eq!(clients_before - clients, jobs * (pay + fee), "the price of {jobs} jobs");
        self.world.audit().await;
    }

    /// Returns the base units of all clients, and of all nodes.
    async fn sum_tokens(&self) -> [u64; 2] {
        let [mut clients, mut nodes] = [0; 2];
        for lane in &self.lanes {
            clients += self.world.tokens(&lane.client).await;
            nodes += self.world.tokens(&lane.node).await;
        }
        [clients, nodes]
    }
}

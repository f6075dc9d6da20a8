//! A client cancels a matched job: whichever way the job leaves its node, it is not queued again,
//! although an attempt is left and another node waits for it.

use nosana_client::{jobs::types::MarketTerms, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, challenged, earnings, terms};
use solana_address::Address;
use solana_signer::Signer;

use super::state_of;
use crate::World;

/// A job that its client cancelled while it was matched with `node`.
struct Cancelled {
    world: World,
    job: Address,
    /// What the client had before it listed the job, in base units.
    tokens: u64,
}

impl Cancelled {
    async fn new(terms: MarketTerms) -> Self {
        let world = World::new(terms).await;
        for node in [&world.node, &world.other_node] {
            world.work(node).await;
        }
        let tokens = world.tokens(&world.client).await;
        let job = world.list(batch(1)).await;

        world.cancel_matched(&job).await;
        let state = state_of(&world, &job).await;
        assert_eq!(state, (State::Matched, Reason::None), "the node may still start it");
        Self { world, job, tokens }
    }

    /// The node starts the job anyway.
    async fn new_started(terms: MarketTerms) -> Self {
        let cancelled = Self::new(terms).await;
        cancelled.world.start(&cancelled.world.node, &cancelled.job).await;
        cancelled
    }

    /// The job is settled as cancelled, and has cost its client `cost` base units.
    async fn check_settled(&self, cost: u64) {
        let Self { world, job, tokens } = self;
        assert_eq!(state_of(world, job).await, (State::Settled, Reason::Cancelled));
        assert_eq!(world.tokens(&world.client).await, tokens - cost);
        let other = pda::jobs::node(&world.other_node.pubkey());
        assert_eq!(world.waiting().await, [other], "the other node still waits");
    }
}

#[tokio::test]
async fn a_cancelled_job_that_is_not_started_is_refunded() {
    let cancelled = Cancelled::new(terms()).await;
    let Cancelled { world, job, .. } = &cancelled;
    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(job, &world.node).await;
    cancelled.check_settled(0).await;
}

#[tokio::test]
async fn a_cancelled_job_that_a_node_gives_back_after_its_start_is_refunded() {
    let cancelled = Cancelled::new_started(terms()).await;
    let Cancelled { world, job, .. } = &cancelled;
    world.advance_clock(10);
    world.quit(&world.node, job).await;
    cancelled.check_settled(0).await;
}

#[tokio::test]
async fn a_cancelled_job_whose_node_falls_silent_is_refunded() {
    let cancelled = Cancelled::new_started(terms()).await;
    let Cancelled { world, job, .. } = &cancelled;
    world.advance_clock(u64::from(terms().heartbeat_seconds) + 1);
    world.expire_run(job, &world.node).await;
    cancelled.check_settled(0).await;
}

/// The rejection costs what it always costs, even if the client wants the job to be queued again.
#[tokio::test]
async fn a_cancelled_job_whose_result_is_rejected_is_not_queued_again() {
    let cancelled = Cancelled::new_started(challenged()).await;
    let Cancelled { world, job, .. } = &cancelled;
    world.advance_clock(30);
    world.finish(&world.node, job).await;
    world.reject(job, true).await;

    let (pay, fee) = earnings(30);
    cancelled.check_settled(pay + fee).await;
}

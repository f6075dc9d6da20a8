//! Waits in the queue and for a start, and the penalty of a node that does not start.

use nosana_client::{
    actions::{self, JobListing},
    jobs::{self, instructions::GrowQueue, types::MarketTerms},
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, terms};
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::state_of;
use crate::World;

#[tokio::test]
async fn a_penalty_that_nobody_claims_keeps_no_job() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.advance_clock(u64::from(terms().start_seconds) + 60 * 86_400 + 1);
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, 0);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
}

#[tokio::test]
async fn two_nodes_cannot_keep_a_job_from_its_client() {
    let world = World::new(terms()).await;
    let nodes = [&world.node, &world.other_node];
    for node in nodes {
        world.work(node).await;
    }
    let job = world.list(batch(1)).await;
    assert_eq!(state_of(&world, &job).await.0, State::Matched);

    world.cancel_matched(&job).await;
    world.quit(nodes[0], &job).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Cancelled));
    assert_eq!(world.queue().await.waiting.len(), 1, "the other node still waits");
}

#[tokio::test]
async fn junk_jobs_take_no_node_out_of_the_queue() {
    let world = World::new(terms()).await;
    for owner in [&world.node, &world.node, &world.other_node] {
        world.work(owner).await;
    }
    let [node, other] = [&world.node, &world.other_node].map(|it| pda::jobs::node(&it.pubkey()));
    let junk = world.list(batch(1)).await;
    assert_eq!(world.waiting().await, [node, other]);
    let cell = world.cell(&node).await;

    // The one that refuses keeps its place before its competitor, and its cell.
    world.quit(&world.node, &junk).await;
    assert_eq!(world.job(&junk).await.node, other);
    assert_eq!((world.waiting().await, world.cell(&node).await), (vec![node], cell));
}

#[tokio::test]
async fn a_full_queue_ends_nobodys_job_and_anyone_can_make_room() {
    let world = World::new(terms()).await;
    let job = world.list(batch(0)).await;
    world.work_and_start(&world.node, &job).await;
    let short = |nonce| JobListing { timeout_seconds: 1, ..batch(nonce) };
    for nonce in 1..200 {
        world.list(short(nonce)).await;
    }
    let client = world.client.pubkey();
    let one_more = actions::list(client, client, world.market, world.mint, short(200));
    world.refuse(jobs::Error::QueueFull, one_more.clone(), &[&world.client]).await;

    world.quit(&world.node, &job).await;
    assert_eq!(state_of(&world, &job).await, (State::Queued, Reason::None));
    assert_eq!(world.waiting().await[0], job);

    let queue = pda::jobs::queue(&world.market);
    let grow = GrowQueue { payer: client, market: world.market, queue, cells: 1 };
    let together: [Instruction; 2] = [grow.into(), one_more.into()];
    world.attempt_all(&together, &[&world.client]).await.expect("there is room");
}

#[tokio::test]
async fn a_node_without_a_stake_does_not_wait() {
    let free = MarketTerms { min_xnos: 0, collateral_per_job: 0, no_start_penalty: 0, ..terms() };
    let world = World::new(free).await;
    world.work(&world.node).await;
    let node = pda::jobs::node(&world.node.pubkey());
    let cell = world.cell(&node).await;
    let evict = actions::evict_node(world.node.pubkey(), world.market, cell);
    world.refuse(jobs::Error::NotEvictable, evict.clone(), &[]).await;

    world.run(actions::unstake(world.node.pubkey()), &[&world.node]).await;
    let work = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&world.node]).await;
    world.run(evict, &[]).await;
}

#[tokio::test]
async fn a_job_that_requires_no_stake_can_be_started_without_one() {
    let world = World::new(MarketTerms { min_xnos: 0, ..terms() }).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.run(actions::unstake(world.node.pubkey()), &[&world.node]).await;
    world.start(&world.node, &job).await;

    let (stored, stranger) = (world.job(&job).await, world.stranger.pubkey());
    assert_eq!(stored.min_own_xnos, 0);
    let expire = actions::expire_run(stranger, job, &stored, world.node.pubkey());
    world.refuse(jobs::Error::TooEarly, expire, &[&world.stranger]).await;
    world.finish(&world.node, &job).await;
}

#[tokio::test]
async fn a_late_start_does_not_save_the_penalty() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);

    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::DeadlinePassed, start, &[&world.node]).await;
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, terms().no_start_penalty);
}

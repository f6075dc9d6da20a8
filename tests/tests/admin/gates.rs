//! What a market asks of the nodes that want to work there.

use nosana_client::{
    actions,
    jobs::{self, instructions::Work, types::MarketTerms},
};
use nosana_tests::terms::{HARDWARE, batch, terms};
use solana_address::Address;
use solana_signer::Signer;

use crate::{RESTING, World, first_slot};

fn work(world: &World, market: Address) -> Work {
    actions::work(world.node.pubkey(), market, 1)
}

#[tokio::test]
async fn a_benchmark_and_memory() {
    let world = World::new(terms()).await;
    let by = [&world.node];
    let fast = world.open_market(2, MarketTerms { min_gflops: HARDWARE.gflops, ..terms() }).await;
    let faster =
        world.open_market(3, MarketTerms { min_gflops: HARDWARE.gflops + 1, ..terms() }).await;
    let roomy =
        world.open_market(4, MarketTerms { min_vram_mib: HARDWARE.vram_mib, ..terms() }).await;
    let roomier =
        world.open_market(5, MarketTerms { min_vram_mib: HARDWARE.vram_mib + 1, ..terms() }).await;
    world.refuse(jobs::Error::TooSlow, work(&world, faster), &by).await;
    world.refuse(jobs::Error::NotEnoughVram, work(&world, roomier), &by).await;
    world.run(work(&world, fast), &by).await;
    world.run(work(&world, roomy), &by).await;
}

#[tokio::test]
async fn no_more_collateral_than_the_node_offers() {
    let world = World::new(terms()).await;
    let by = [&world.node];
    let asked = terms().collateral_per_job;
    let offer = |max_collateral| Work { max_collateral, ..work(&world, world.market) };
    world.refuse(jobs::Error::CollateralAboveMaximum, offer(asked - 1), &by).await;
    world.run(offer(asked), &by).await;
    assert_eq!(world.stake_of(&world.node).await.locked, asked);
}

#[tokio::test]
async fn so_many_slots_and_no_more() {
    let mut world = World::new(MarketTerms { max_parallel: 1, ..terms() }).await;
    let by = [&world.node];
    let too_many = jobs::Error::TooManyHere;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.refuse(too_many, work(&world, world.market), &by).await;
    world.start(&world.node, &job).await;
    world.refuse(too_many, work(&world, world.market), &by).await;
    world.quit(&world.node, &job).await;
    assert_eq!(first_slot(&world, &world.node).await.state, RESTING);
    world.refuse(too_many, work(&world, world.market), &by).await;
    let other = world.open_market(2, MarketTerms { max_parallel: 1, ..terms() }).await;
    world.run(work(&world, other), &[&world.node]).await;
    world.pass(u64::from(terms().start_seconds) + 1);
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.work(&world.node).await;
    world.refuse(jobs::Error::NoFreeSlot, work(&world, world.market), &[&world.node]).await;
    world.leave(&world.node).await;
    world.market = other;
    world.refuse(too_many, work(&world, other), &[&world.node]).await;
    world.leave(&world.node).await;
}

#[tokio::test]
async fn a_reputation_that_is_earned_and_fades() {
    let world = World::new(terms()).await;
    let by = [&world.node];
    let half = world.open_market(2, MarketTerms { min_reputation_bps: 5_000, ..terms() }).await;
    let more = world.open_market(3, MarketTerms { min_reputation_bps: 5_001, ..terms() }).await;
    world.run(work(&world, half), &by).await;
    world.refuse(jobs::Error::ReputationTooLow, work(&world, more), &by).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.work_for(600, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    // 28,200 delivered: (10,028,200) of (20,028,200) are 5,007 basis points, and 5,000 once it has
    // faded thrice.
    let thirty_days = 30 * 86_400;
    world.pass(2 * thirty_days);
    world.run(work(&world, more), &by).await;
    world.run(actions::leave(world.node.pubkey(), more, 0), &by).await;
    world.pass(thirty_days);
    world.refuse(jobs::Error::ReputationTooLow, work(&world, more), &by).await;
}

#[tokio::test]
async fn a_node_that_failed_its_client_is_below_a_stranger() {
    let world = World::new(terms()).await;
    let half = world.open_market(2, MarketTerms { min_reputation_bps: 5_000, ..terms() }).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.pass(631);
    world.expire_run(&job, &world.node).await;
    world.refuse(jobs::Error::ReputationTooLow, work(&world, half), &[&world.node]).await;
    world.work(&world.node).await;
}

//! What a market requires of the nodes that want to work there.

use nosana_client::{
    actions,
    jobs::{self, instructions::Work, types::MarketTerms},
};
use nosana_protocol::slot::SlotState;
use nosana_tests::{
    terms::{HARDWARE, batch, challenged, terms},
    world::case,
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, helpers::first_slot_state};

fn work_instruction(world: &World, market: Address) -> Work {
    actions::work(world.node.pubkey(), market, 1)
}

/// Gates of markets that the node does not pass.
pub async fn market_requirements() -> World {
    let world = World::new(terms()).await;
    let market = |id, terms| world.open_market(id, terms);
    let by = [&world.node];
    let fast = market(
        2,
        MarketTerms {
            min_prompt_tokens_per_second: HARDWARE.prompt_tokens_per_second + 1,
            ..terms()
        },
    )
    .await;
    let known = market(3, MarketTerms { min_reputation_bps: 5_001, ..terms() }).await;
    let closed =
        market(4, MarketTerms { access_collection: Address::new_from_array([7; 32]), ..terms() })
            .await;
    let single = market(5, MarketTerms { max_parallel: 1, ..terms() }).await;

    world
        .refuse_all([
            case("too slow", jobs::Error::TooSlow, work_instruction(&world, fast), &by),
            case("unknown", jobs::Error::ReputationTooLow, work_instruction(&world, known), &by),
            case("no member", jobs::Error::NoAccess, work_instruction(&world, closed), &by),
        ])
        .await;

    world.run(work_instruction(&world, single), &by).await;
    world.refuse(jobs::Error::TooManyHere, work_instruction(&world, single), &by).await;
    world
}

pub async fn a_benchmark_and_memory() -> World {
    let world = World::new(terms()).await;
    let by = [&world.node];
    let fast = world
        .open_market(
            2,
            MarketTerms {
                min_prompt_tokens_per_second: HARDWARE.prompt_tokens_per_second,
                ..terms()
            },
        )
        .await;
    let faster = world
        .open_market(
            3,
            MarketTerms {
                min_prompt_tokens_per_second: HARDWARE.prompt_tokens_per_second + 1,
                ..terms()
            },
        )
        .await;
    let roomy =
        world.open_market(4, MarketTerms { min_vram_mib: HARDWARE.vram_mib, ..terms() }).await;
    let roomier =
        world.open_market(5, MarketTerms { min_vram_mib: HARDWARE.vram_mib + 1, ..terms() }).await;
    world.refuse(jobs::Error::TooSlow, work_instruction(&world, faster), &by).await;
    world.refuse(jobs::Error::NotEnoughVram, work_instruction(&world, roomier), &by).await;
    world.run(work_instruction(&world, fast), &by).await;
    world.run(work_instruction(&world, roomy), &by).await;
    world
}

pub async fn no_more_collateral_than_the_node_offers() -> World {
    let world = World::new(terms()).await;
    let by = [&world.node];
    let asked = terms().collateral_per_job;
    let offer = |max_collateral| Work { max_collateral, ..work_instruction(&world, world.market) };
    world.refuse(jobs::Error::CollateralAboveMaximum, offer(asked - 1), &by).await;
    world.run(offer(asked), &by).await;
    assert_eq!(world.stake_of(&world.node).await.locked, asked);
    world
}

pub async fn so_many_slots_and_no_more() -> World {
    let mut world = World::new(MarketTerms { max_parallel: 1, ..terms() }).await;
    let by = [&world.node];
    let too_many = jobs::Error::TooManyHere;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.refuse(too_many, work_instruction(&world, world.market), &by).await;
    world.start(&world.node, &job).await;
    world.refuse(too_many, work_instruction(&world, world.market), &by).await;
    world.quit(&world.node, &job).await;
    assert_eq!(first_slot_state(&world, &world.node).await, SlotState::Resting);
    world.refuse(too_many, work_instruction(&world, world.market), &by).await;
    let other = world.open_market(2, MarketTerms { max_parallel: 1, ..terms() }).await;
    world.run(work_instruction(&world, other), &[&world.node]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.work(&world.node).await;
    world
        .refuse(jobs::Error::NoFreeSlot, work_instruction(&world, world.market), &[&world.node])
        .await;
    world.leave(&world.node).await;
    world.market = other;
    world.refuse(too_many, work_instruction(&world, other), &[&world.node]).await;
    world.leave(&world.node).await;
    world
}

pub async fn a_reputation_that_is_earned_and_fades() -> World {
    let world = World::new(challenged()).await;
    let by = [&world.node];
    let half = world.open_market(2, MarketTerms { min_reputation_bps: 5_000, ..terms() }).await;
    let more = world.open_market(3, MarketTerms { min_reputation_bps: 5_001, ..terms() }).await;
    world.run(work_instruction(&world, half), &by).await;
    world.refuse(jobs::Error::ReputationTooLow, work_instruction(&world, more), &by).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(600, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&job).await;
    // 28,200 delivered: (10,028,200) of (20,028,200) are 5,007 basis points, and 5,000 once it has
    // faded thrice.
    let thirty_days = 30 * 86_400;

    world.advance_clock(2 * thirty_days);
    world.run(work_instruction(&world, more), &by).await;
    world.run(actions::leave(world.node.pubkey(), more, 0), &by).await;

    world.advance_clock(thirty_days);
    world.refuse(jobs::Error::ReputationTooLow, work_instruction(&world, more), &by).await;
    world
}

pub async fn a_node_that_failed_its_client_is_below_a_stranger() -> World {
    let world = World::new(terms()).await;
    let half = world.open_market(2, MarketTerms { min_reputation_bps: 5_000, ..terms() }).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;

    world.advance_clock(631);
    world.expire_run(&job, &world.node).await;
    world
        .refuse(jobs::Error::ReputationTooLow, work_instruction(&world, half), &[&world.node])
        .await;
    world.work(&world.node).await;
    world
}

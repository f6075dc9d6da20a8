//! `evict_node`: anyone removes a node that waits and should not.

use nosana_client::{
    Event, actions,
    jobs::{self, instructions::EvictNode, types::MarketTerms},
    pda, staking,
};
use nosana_protocol::slot::SlotState;
use nosana_tests::{
    terms::{DURATION, HARDWARE, batch, terms},
    world::{case, swap},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{change_terms, first_slot_state, retire_market},
};

async fn evict_instruction(world: &World, node: &Keypair) -> EvictNode {
    let cell = world.cell(&pda::jobs::node(&node.pubkey())).await;
    actions::evict_node(node.pubkey(), world.market, cell)
}

/// Anyone evicts the node: its place and its slot are free, its collateral is idle.
async fn check_evicted(world: &World, node: &Keypair) {
    let done = world.run(evict_instruction(world, node).await, &[]).await;
    let left = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(jobs::events::Event::NodeLeft(left)) => Some((left.node, left.market)),
        _ => None,
    });
    assert_eq!(left, Some((pda::jobs::node(&node.pubkey()), world.market)));
    assert_eq!(first_slot_state(world, node).await, SlotState::Free);
    assert!(world.release_all(node).await > 0, "it keeps its collateral");
    assert!(!world.waiting().await.contains(&pda::jobs::node(&node.pubkey())));
}

pub async fn only_where_it_waits() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    retire_market(&world, world.market).await;
    let valid = evict_instruction(&world, &world.node).await;
    let at = |cell| EvictNode { cell, ..valid.clone() };
    let stakes = [&world.node, &world.other_node].map(|node| pda::staking::stake(&node.pubkey()));

    world
        .refuse_all([
            case("the cell of another", jobs::Error::NotInQueue, at(1), &[]),
            case("an empty cell", jobs::Error::NotInQueue, at(2), &[]),
            case("beyond the queue", jobs::Error::NotInQueue, at(u32::MAX), &[]),
            case(
                "in another market",
                jobs::Error::NotInQueue,
                actions::evict_node(world.node.pubkey(), other, 0),
                &[],
            ),
            case(
                "another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[],
            ),
            case(
                "another stake",
                jobs::Error::WrongAccount,
                swap(valid.clone(), stakes[0], stakes[1]),
                &[],
            ),
        ])
        .await;

    world.run(valid, &[]).await;
    world
}

pub async fn one_whose_price_is_above_the_current_one() -> World {
    let world = World::new(terms()).await;
    let client = world.client.pubkey();
    let (dear, modest) = (&world.node, &world.other_node);
    world.run(actions::work(dear.pubkey(), world.market, 47), &[dear]).await;
    world.run(actions::work(modest.pubkey(), world.market, 46), &[modest]).await;
    world.refuse(jobs::Error::NotEvictable, evict_instruction(&world, dear).await, &[]).await;
    change_terms(&world, MarketTerms { price_per_second: 46, ..terms() }).await;
    let list = actions::list(client, client, world.market, world.mint, batch(1));
    world.refuse(jobs::Error::PriceBelowMinimum, list, &[&world.client]).await;
    world.refuse(jobs::Error::NotEvictable, evict_instruction(&world, modest).await, &[]).await;
    check_evicted(&world, dear).await;
    let job = world.list(batch(1)).await;
    assert_eq!(world.job(&job).await.node, pda::jobs::node(&modest.pubkey()));
    world
}

pub async fn one_whose_stake_is_gone() -> World {
    let world = World::new(terms()).await;
    let node = &world.node;
    world.work(node).await;
    world.refuse(jobs::Error::NotEvictable, evict_instruction(&world, node).await, &[]).await;
    world.run(actions::unstake(node.pubkey()), &[node]).await;
    let evict = evict_instruction(&world, node).await;
    check_evicted(&world, node).await;
    world.refuse(jobs::Error::NotInQueue, evict, &[]).await;
    world
}

#[tokio::test]
async fn one_that_no_longer_fulfills_the_markets_requirements() {
    let stricter = [
        MarketTerms { min_vram_mib: HARDWARE.vram_mib + 1, ..terms() },
        MarketTerms {
            min_prompt_tokens_per_second: HARDWARE.prompt_tokens_per_second + 1,
            ..terms()
        },
        MarketTerms { min_reputation_bps: 5_001, ..terms() },
        MarketTerms { min_xnos: u64::MAX, ..terms() },
    ];
    for terms_of_then in stricter {
        let world = World::new(terms()).await;
        world.work(&world.node).await;
        world
            .refuse(jobs::Error::NotEvictable, evict_instruction(&world, &world.node).await, &[])
            .await;
        change_terms(&world, terms_of_then).await;
        check_evicted(&world, &world.node).await;
    }
}

#[tokio::test]
async fn one_whose_stake_is_closed() {
    let world =
        World::new(MarketTerms { collateral_per_job: 0, no_start_penalty: 0, ..terms() }).await;
    let node = &world.node;
    world.work(node).await;
    world.run(actions::unstake(node.pubkey()), &[node]).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(node.pubkey(), world.mint), &[node]).await;
    let stake = pda::staking::stake(&node.pubkey());
    world.run(staking::instructions::Close { owner: node.pubkey(), stake }, &[node]).await;
    world.run(evict_instruction(&world, node).await, &[]).await;
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn one_that_drains() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.run(actions::set_draining(world.node.pubkey(), true), &[&world.node]).await;
    check_evicted(&world, &world.node).await;
}

#[tokio::test]
async fn any_in_a_retired_market() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    retire_market(&world, world.market).await;
    check_evicted(&world, &world.other_node).await;
    world.run(evict_instruction(&world, &world.node).await, &[]).await;
    check_evicted(&world, &world.node).await;
    assert!(world.waiting().await.is_empty());
}

pub async fn one_that_waited_before_the_market_required_a_token() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let collection = solana_address::Address::new_from_array([7; 32]);
    change_terms(&world, MarketTerms { access_collection: collection, ..terms() }).await;
    check_evicted(&world, &world.node).await;
    let work = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::NoAccess, work, &[&world.node]).await;
    world
}

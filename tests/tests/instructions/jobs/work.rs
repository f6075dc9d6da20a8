//! `work`: the node takes a job or waits for one.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
    pda, staking,
};
use nosana_tests::{
    Refusal,
    terms::{DURATION, HARDWARE, NOS, STAKE, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let valid = actions::work(owner, world.market, 47);
    let dearer = actions::work(owner, world.market, 48);
    let theft = swap(valid.clone(), owner, world.stranger.pubkey());

    world
        .refuse_all([
            case("for more than the market pays", jobs::Error::PriceBelowMinimum, dearer, &by),
            case(
                "with the node of another",
                jobs::Error::NotNodeAuthority,
                theft,
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "on the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.staker.pubkey())),
                &by,
            ),
            case(
                "through another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), staking::ID, nosana_client::rewards::ID),
                &by,
            ),
            case(
                "with another signer PDA",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), pda::jobs::authority(), pda::jobs::config()),
                &by,
            ),
        ])
        .await;

    world.work(&world.node).await;
    world.work(&world.node).await;
    world.refuse(jobs::Error::NoFreeSlot, valid, &by).await;
    world
}

/// Markets that require more than the node has, and a stake that is gone.
pub async fn refusals_without_means() -> World {
    let world = World::new(terms()).await;
    let market = |id, terms| world.open_market(id, terms);
    let weighty = market(2, MarketTerms { min_xnos: 4 * STAKE + 1, ..terms() }).await;
    let roomy = market(3, MarketTerms { min_vram_mib: HARDWARE.vram_mib + 1, ..terms() }).await;
    let risky = market(4, MarketTerms { collateral_per_job: STAKE + 1, ..terms() }).await;
    let halves = market(5, MarketTerms { collateral_per_job: STAKE / 2 + 1, ..terms() }).await;
    let easy = market(6, MarketTerms { min_xnos: 0, ..terms() }).await;
    let by = [&world.node];
    let work = |market| actions::work(world.node.pubkey(), market, 1);

    world
        .refuse_all([
            case(
                "more collateral than it offers",
                jobs::Error::CollateralAboveMaximum,
                jobs::instructions::Work {
                    max_collateral: terms().collateral_per_job - 1,
                    ..work(world.market)
                },
                &by,
            ),
            case("too little weight", jobs::Error::StakeTooSmall, work(weighty), &by),
            case("too little memory", jobs::Error::NotEnoughVram, work(roomy), &by),
            case("too little collateral", staking::Error::InsufficientCollateral, work(risky), &by),
        ])
        .await;

    world.run(work(halves), &by).await;
    world.refuse(staking::Error::InsufficientCollateral, work(halves), &by).await;
    world.run(actions::unstake(world.node.pubkey()), &by).await;
    world
        .refuse_all([
            case("no weight in the cooldown", jobs::Error::StakeTooSmall, work(world.market), &by),
            case("no weight at all", jobs::Error::StakeTooSmall, work(easy), &by),
        ])
        .await;

    let owner = world.wallet().await;
    world.register(&owner).await;
    let without = actions::work(owner.pubkey(), easy, 1);
    world.refuse(Refusal::too_small(), without, &[&owner]).await;
    world.run(actions::open_stake(owner.pubkey(), world.mint, NOS, DURATION), &[&owner]).await;
    let small = actions::work(owner.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, small, &[&owner]).await;
    world
}

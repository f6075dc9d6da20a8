//! `unstake_unsettled`: the owner starts the cooldown without the rewards program.

use nosana_client::{actions, pda, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    Refusal,
    terms::{DURATION, STAKE, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let leave = actions::unstake_unsettled(owner);
    let theft = swap(leave.clone(), owner, world.stranger.pubkey());

    world
        .refuse_all([
            case("another's", staking::Error::NotOwner, theft, &[&world.stranger]),
            case("unsigned", Refusal::unsigned(), unsigned(leave.clone(), owner), &[]),
        ])
        .await;

    world.run(leave.clone(), &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, leave, &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, actions::unstake(owner), &by).await;
    world
}

#[tokio::test]
async fn the_position_keeps_its_weight_until_anyone_syncs_it() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let weight = world.position_of(&world.staker).await.weight;
    world.run(actions::unstake_unsettled(owner), &by).await;

    let stake = world.stake_of(&world.staker).await;
    assert_eq!((stake.xnos, stake.amount), (0, STAKE));
    assert_eq!(world.position_of(&world.staker).await.weight, weight);
    world.run(actions::sync(owner), &[]).await;
    assert_eq!(world.position_of(&world.staker).await.weight, 0);
}

/// Leaving like this costs a day, in which nothing is released.
#[tokio::test]
async fn the_cooldown_begins_a_day_later() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    world.run(actions::unstake_unsettled(owner), &by).await;
    let day = i64::try_from(SECONDS_PER_DAY).expect("small");
    assert_eq!(world.stake_of(&world.staker).await.unstaked_at, world.now() + day);

    let withdraw = actions::withdraw(owner, world.mint);
    for _ in 0..2 {
        world.refuse(staking::Error::NothingToWithdraw, withdraw.clone(), &by).await;
        world.advance_clock(SECONDS_PER_DAY / 2);
    }
    world.advance_clock(DURATION / 4);
    let before = world.tokens(&world.staker).await;
    world.run(withdraw.clone(), &by).await;
    assert_eq!(world.tokens(&world.staker).await - before, STAKE / 4);

    world.advance_clock(DURATION);
    world.run(withdraw, &by).await;
    let close = staking::instructions::Close { owner, stake: pda::staking::stake(&owner) };
    world.run(close, &by).await;

    // The position is still there, and is worth nothing once somebody looks.
    world.run(actions::sync(owner), &[]).await;
    assert_eq!(world.position_of(&world.staker).await.weight, 0);
}

/// The next change of the stake settles it.
#[tokio::test]
async fn a_restake_settles_what_was_left_unsettled() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    world.run(actions::unstake_unsettled(owner), &by).await;
    world.run(actions::restake(owner), &by).await;
    let stake = world.stake_of(&world.staker).await;
    assert_eq!(world.position_of(&world.staker).await.weight, stake.xnos);
}

//! Stakes that grow, are extended, restaked, or compounded.

use nosana_client::{actions, pda};
use nosana_protocol::{
    units::{Amount, Seconds},
    xnos,
};
use nosana_tests::terms::{DURATION, EPOCH, INITIAL_BALANCE, NOS, STAKE, batch, terms};
use solana_signer::Signer;

use crate::world;

const DAY: u64 = 86_400;

fn weight(amount: u64, duration: u64) -> u64 {
    xnos::stake_weight(Amount(amount), Seconds(duration)).expect("in range").0
}

#[tokio::test]
async fn more_weighs_more_from_now_on() {
    let world = world(terms()).await;
    let owner = &world.staker;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(EPOCH + EPOCH / 2);
    world.run(actions::top_up_stake(owner.pubkey(), world.mint, STAKE), &[owner]).await;
    assert_eq!(world.stake_of(owner).await.xnos, weight(2 * STAKE, DURATION));
    assert_eq!(world.position_of(owner).await.weight, weight(2 * STAKE, DURATION));

    world.advance_clock(EPOCH / 2);
    // A third of the first half, and a half of the second.
    let claimed = world.claim(owner).await;
    let due = 5 * NOS + 15 * NOS / 2;
    assert!((due - 2..=due).contains(&claimed), "{claimed} instead of {due}");
    assert_eq!(world.tokens(owner).await, INITIAL_BALANCE - 2 * STAKE + claimed);
}

#[tokio::test]
async fn longer_weighs_more() {
    let world = world(terms()).await;
    let owner = world.wallet().await;
    world.run(actions::open_stake(owner.pubkey(), world.mint, STAKE, 100 * DAY), &[&owner]).await;
    world.enter(&owner).await;
    world.run(actions::extend_stake(owner.pubkey(), 200 * DAY), &[&owner]).await;
    let stake = world.stake_of(&owner).await;
    assert_eq!((stake.duration_seconds, stake.xnos), (200 * DAY, weight(STAKE, 200 * DAY)));
    assert_eq!(world.position_of(&owner).await.weight, stake.xnos);
}

#[tokio::test]
async fn a_cooldown_can_be_broken_off_and_begins_anew_later() {
    let world = world(terms()).await;
    let owner = world.wallet().await;
    world.run(actions::open_stake(owner.pubkey(), world.mint, STAKE, 100 * DAY), &[&owner]).await;
    world.enter(&owner).await;
    world.run(actions::unstake(owner.pubkey()), &[&owner]).await;

    world.advance_clock(25 * DAY);
    world.run(actions::withdraw(owner.pubkey(), world.mint), &[&owner]).await;

    world.advance_clock(25 * DAY);
    world.run(actions::restake(owner.pubkey()), &[&owner]).await;
    let stake = world.stake_of(&owner).await;
    let rest = STAKE - STAKE / 4;
    assert_eq!((stake.amount, stake.withdrawn, stake.unstaked_at), (rest, 0, 0));
    assert_eq!(stake.xnos, weight(rest, 100 * DAY));
    assert_eq!(world.position_of(&owner).await.weight, stake.xnos);

    world.run(actions::unstake(owner.pubkey()), &[&owner]).await;

    world.advance_clock(50 * DAY);
    world.run(actions::withdraw(owner.pubkey(), world.mint), &[&owner]).await;
    assert_eq!(
        world.tokens(&owner).await,
        INITIAL_BALANCE - rest + rest / 2,
        "half of the rest, and no more"
    );
}

#[tokio::test]
async fn collateral_outlasts_a_cooldown_that_is_broken_off() {
    let world = world(terms()).await;
    world.list(batch(1)).await;
    world.work(&world.node).await;
    world.run(actions::unstake(world.node.pubkey()), &[&world.node]).await;
    world.run(actions::restake(world.node.pubkey()), &[&world.node]).await;
    assert_eq!(world.stake_of(&world.node).await.locked, terms().collateral_per_job);
}

#[tokio::test]
async fn what_a_position_has_earned_can_be_staked() {
    let world = world(terms()).await;
    let owner = &world.staker;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(2 * EPOCH);
    // Tokens that a stranger sends to the vault are not earnings.
    world.donate(&world.stranger, &pda::staking::vault(), 5 * NOS).await;
    world.run(actions::compound(owner.pubkey()), &[owner]).await;
    let stake = world.stake_of(owner).await;
    let earned = stake.amount - STAKE;
    assert!((10 * NOS - 2..=10 * NOS).contains(&earned), "{earned}");
    assert_eq!(stake.xnos, weight(stake.amount, DURATION));
    assert_eq!(world.position_of(owner).await.weight, stake.xnos);
    assert_eq!(world.tokens(owner).await, INITIAL_BALANCE - STAKE);
}

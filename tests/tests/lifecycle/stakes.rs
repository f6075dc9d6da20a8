//! The life of a stake.

use nosana_client::{actions, pda, staking};
use nosana_protocol::{
    units::{Amount, Seconds},
    xnos,
};
use nosana_tests::{
    Bank, World,
    terms::{DURATION, INITIAL_BALANCE, STAKE, batch, terms},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::world;

async fn withdraw(world: &World<Bank>, owner: &Keypair) -> u64 {
    let before = world.tokens(owner).await;
    world.run(actions::withdraw(owner.pubkey(), world.mint), &[owner]).await;
    world.tokens(owner).await - before
}

fn close(owner: &Keypair) -> staking::instructions::Close {
    staking::instructions::Close {
        owner: owner.pubkey(),
        stake: pda::staking::stake(&owner.pubkey()),
    }
}

#[tokio::test]
async fn a_stake_is_released_over_its_cooldown() {
    let world = world(terms()).await;
    let owner = world.wallet().await;
    let lamports = world.lamports(&owner.pubkey()).await;
    let days = |days: u64| days * 86_400;
    world.run(actions::open_stake(owner.pubkey(), world.mint, STAKE, days(100)), &[&owner]).await;
    let stake = world.stake_of(&owner).await;
    assert_eq!(
        stake.xnos,
        xnos::stake_weight(Amount(STAKE), Seconds(days(100))).expect("in range").0
    );
    assert_eq!(world.tokens(&owner).await, INITIAL_BALANCE - STAKE);

    world.run(actions::unstake(owner.pubkey()), &[&owner]).await;
    let stake = world.stake_of(&owner).await;
    assert_eq!((stake.xnos, stake.unstaked_at), (0, world.now()));

    world.advance_clock(days(25));
    assert_eq!(withdraw(&world, &owner).await, STAKE / 4);

    world.advance_clock(1);
    assert_eq!(withdraw(&world, &owner).await, STAKE / days(100), "by the second, rounded down");

    world.advance_clock(days(100));
    assert_eq!(withdraw(&world, &owner).await, STAKE - STAKE / 4 - STAKE / days(100));
    world.run(close(&owner), &[&owner]).await;
    assert_eq!(world.tokens(&owner).await, INITIAL_BALANCE);
    assert_eq!(world.lamports(&owner.pubkey()).await, lamports, "the rent is back");
}

#[tokio::test]
async fn collateral_stays_until_its_job_has_ended() {
    let world = world(terms()).await;
    let owner = &world.node;
    let job = world.list(batch(1)).await;
    world.work(owner).await;
    let taken = world.now();
    world.run(actions::unstake(owner.pubkey()), &[owner]).await;

    world.advance_clock(DURATION);
    let collateral = terms().collateral_per_job;
    assert_eq!(withdraw(&world, owner).await, STAKE - collateral);
    world
        .refuse(
            staking::Error::NothingToWithdraw,
            actions::withdraw(owner.pubkey(), world.mint),
            &[owner],
        )
        .await;
    world.refuse(staking::Error::StakeNotEmpty, close(owner), &[owner]).await;

    // What the penalty left stays locked until the node releases it.
    world.expire_match_in_time(&job, owner, taken).await;
    let rest = collateral - terms().no_start_penalty;
    let early = actions::withdraw(owner.pubkey(), world.mint);
    world.refuse(staking::Error::NothingToWithdraw, early, &[owner]).await;
    world.refuse(staking::Error::StakeNotEmpty, close(owner), &[owner]).await;
    assert_eq!(world.release_all(owner).await, rest);
    assert_eq!(withdraw(&world, owner).await, rest);
    world.run(close(owner), &[owner]).await;
    assert_eq!(world.tokens(owner).await, INITIAL_BALANCE - terms().no_start_penalty);
}

#[tokio::test]
async fn a_running_job_ends_well_although_its_node_unstakes() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.run(actions::unstake(world.node.pubkey()), &[&world.node]).await;
    world.finish(&world.node, &job).await;
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    let again = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(nosana_client::jobs::Error::StakeTooSmall, again, &[&world.node]).await;
}

#[tokio::test]
async fn a_new_stake_wakes_the_old_position() {
    let world = world(terms()).await;
    let owner = &world.staker;
    world.run(actions::unstake(owner.pubkey()), &[owner]).await;

    world.advance_clock(DURATION);
    assert_eq!(withdraw(&world, owner).await, STAKE);
    world.run(close(owner), &[owner]).await;
    world.run(actions::sync(owner.pubkey()), &[]).await;
    assert_eq!(world.position_of(owner).await.weight, 0);
    world.stake(owner).await;
    assert_eq!(world.position_of(owner).await.weight, world.stake_of(owner).await.xnos);
}

//! The path of the network's income: from a market's vault through the pool to the stakers.

use nosana_client::{actions, jobs, pda, rewards};
use nosana_tests::{
    Bank, World,
    terms::{EPOCH, NOS, START, batch, earnings, terms},
};
use solana_signer::Signer;

use crate::world;

/// Each division is rounded down, against the claimant: an interaction loses at most one base unit,
/// and never gains one.
fn check_share(claimed: u64, due: u64) {
    assert!((due.saturating_sub(2)..=due).contains(&claimed), "{claimed} instead of {due}");
}

/// Completes a job of ten minutes and sweeps its fee; returns the fee.
async fn earn(world: &World<Bank>, nonce: u64) -> u64 {
    let job = world.list(batch(nonce)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(600, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.sweep_fees().await;
    earnings(600).1
}

#[tokio::test]
async fn fees_reach_the_stakers_over_the_next_epoch() {
    let world = world(terms()).await;
    let fee = earn(&world, 1).await;
    assert_eq!(world.queue().await.header.fees_accrued, 0);
    assert_eq!(world.tokens_in(&pda::rewards::vault()).await, fee);
    assert_eq!(world.pool().await.pending, fee);
    let claim = actions::claim(world.staker.pubkey(), world.mint);
    world.refuse(rewards::Error::NothingToClaim, claim.clone(), &[&world.staker]).await;
    world.refuse(jobs::Error::NoFees, actions::sweep_fees(world.market), &[]).await;

    // The three positions have the same weight.
    world.set_clock(START + EPOCH as i64);
    world.refuse(rewards::Error::NothingToClaim, claim, &[&world.staker]).await;

    world.advance_clock(EPOCH / 2);
    let half = world.claim(&world.staker).await;
    check_share(half, fee / 2 / 3);

    world.advance_clock(EPOCH / 2);
    check_share(half + world.claim(&world.staker).await, fee / 3);
    check_share(world.claim(&world.node).await, fee / 3);
    check_share(world.claim(&world.other_node).await, fee / 3);

    world.advance_clock(10 * EPOCH);
    let nothing = actions::claim(world.node.pubkey(), world.mint);
    world.refuse(rewards::Error::NothingToClaim, nothing, &[&world.node]).await;
}

#[tokio::test]
async fn whoever_enters_late_takes_nothing_from_before() {
    let world = world(terms()).await;
    let fund = actions::fund(world.client.pubkey(), world.mint, 30 * NOS);
    world.run(fund, &[&world.client]).await;

    world.advance_clock(2 * EPOCH);
    let late = world.wallet().await;
    world.stake(&late).await;
    world.enter(&late).await;
    let claim = actions::claim(late.pubkey(), world.mint);
    world.refuse(rewards::Error::NothingToClaim, claim, &[&late]).await;
    check_share(world.claim(&world.staker).await, 10 * NOS);
}

#[tokio::test]
async fn whoever_unstakes_earns_until_then() {
    let world = world(terms()).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(EPOCH + EPOCH / 2);
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;
    assert_eq!(world.position_of(&world.staker).await.weight, 0);

    world.advance_clock(EPOCH);
    check_share(world.claim(&world.staker).await, 5 * NOS);
    check_share(world.claim(&world.node).await, 5 * NOS + 15 * NOS / 2);
}

#[tokio::test]
async fn a_penalty_is_nobodys_income() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;

    world.advance_clock(121);
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.tokens_in(&pda::rewards::vault()).await, 0);
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(2 * EPOCH);
    // The slashed node has a little less weight than the others.
    let node = world.claim(&world.node).await;
    let others = [world.claim(&world.staker).await, world.claim(&world.other_node).await];
    assert!(others[0] == others[1] && others[0] > node, "{others:?} and {node}");
    // Each of the three claims may round down.
    let claimed = node + others[0] + others[1];
    assert!((30 * NOS - 3..=30 * NOS).contains(&claimed), "{claimed}");
}

#[tokio::test]
async fn income_while_nobody_stakes_waits_for_somebody() {
    let world: World<Bank> = World::bare().await;
    world.initialize().await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(20 * EPOCH);
    world.stake(&world.staker).await;
    world.enter(&world.staker).await;
    let claim = actions::claim(world.staker.pubkey(), world.mint);
    world.refuse(rewards::Error::NothingToClaim, claim, &[&world.staker]).await;

    world.advance_clock(2 * EPOCH);
    check_share(world.claim(&world.staker).await, 30 * NOS);
}

#[tokio::test]
async fn anyone_may_sync_and_nothing_changes() {
    let world = world(terms()).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(2 * EPOCH);
    world.run(actions::sync(world.staker.pubkey()), &[]).await;
    check_share(world.position_of(&world.staker).await.accrued, 10 * NOS);
    world.run(actions::sync(world.staker.pubkey()), &[]).await;
    check_share(world.claim(&world.staker).await, 10 * NOS);
}

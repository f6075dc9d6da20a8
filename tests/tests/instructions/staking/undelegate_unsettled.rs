//! `undelegate_unsettled`: a delegator starts the cooldown without the rewards program.

use nosana_client::{actions, pda, rewards, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, key) = (world.staker.pubkey(), world.client.pubkey());
    let by = [&world.client];
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let leave = actions::undelegate_unsettled(key, owner);
    let by_owner = staking::instructions::UndelegateUnsettled { delegator: owner, ..leave.clone() };
    let other = staking::instructions::UndelegateUnsettled {
        stake: pda::staking::stake(&world.node.pubkey()),
        ..leave.clone()
    };

    world
        .refuse_all([
            case("by the node", staking::Error::NotDelegator, by_owner, &[&world.staker]),
            case("from another stake", staking::Error::WrongAccount, other, &by),
            case("unsigned", Refusal::unsigned(), unsigned(leave.clone(), key), &[]),
        ])
        .await;

    world.run(leave.clone(), &by).await;
    world.refuse(staking::Error::AlreadyUndelegated, leave, &by).await;
    world
}

/// What was not settled goes back to the pool, and the cooldown begins a day later.
#[tokio::test]
async fn who_leaves_unsettled_leaves_what_was_not_settled() {
    let world = World::new(terms()).await;
    let node = &world.staker;
    let (leaves, stays) = (world.wallet().await, world.wallet().await);
    world.accept_delegations(node, 0).await;
    world.delegate(&leaves, node, 1_024 * NOS).await;
    world.delegate(&stays, node, 1_024 * NOS).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 300 * NOS), &[&world.client]).await;

    world.advance_clock(EPOCH + EPOCH / 2);
    let before = world.claim_delegated(&stays, node).await;
    world.advance_clock(EPOCH / 2);
    world.run(actions::undelegate_unsettled(leaves.pubkey(), node.pubkey()), &[&leaves]).await;
    let stake = world.stake_of(node).await;
    assert_eq!(stake.delegated_earning, 1_024 * NOS);

    let rest = world.claim_delegated(&stays, node).await;
    assert!(rest.abs_diff(before) <= 4, "its own share: {rest} and {before}");
    let pending = world.pool().await.pending;
    assert!(pending.abs_diff(before) <= 4, "the other share: {pending} and {before}");
    let own = world.claim_delegated(&leaves, node).await;
    assert!(own.abs_diff(before) <= 2, "collected before, and its own: {own} and {before}");

    let withdraw =
        actions::withdraw_delegated(leaves.pubkey(), leaves.pubkey(), node.pubkey(), world.mint);
    world.advance_clock(SECONDS_PER_DAY - 1);
    world.refuse(staking::Error::NothingToWithdraw, withdraw, &[&leaves]).await;
    world.advance_clock(1 + DURATION);
    assert_eq!(world.withdraw_delegated(&leaves, node).await, 1_024 * NOS);
}

/// Without others the node gets it, and anyone may take the weight from the position.
#[tokio::test]
async fn anyone_settles_what_the_last_delegator_left() {
    let world = World::new(terms()).await;
    let node = &world.staker;
    let leaves = world.wallet().await;
    world.accept_delegations(node, 0).await;
    world.delegate(&leaves, node, 1_024 * NOS).await;
    world.run(actions::undelegate_unsettled(leaves.pubkey(), node.pubkey()), &[&leaves]).await;

    let sync = actions::sync_delegated(node.pubkey());
    let position = sync.position;
    let weight = async || world.get::<rewards::accounts::Position>(&position).await.weight;
    assert_eq!(weight().await, 4_096 * NOS);
    world.run(sync, &[]).await;
    assert_eq!(weight().await, 0);
}

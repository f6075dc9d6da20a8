//! `release_collateral`: a node releases the collateral that it has kept and does not use.

use nosana_client::{Event, actions, jobs, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, STAKE, batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{by_stranger, set_paused},
};

/// The collateral of a slot, in base units.
const COLLATERAL: u64 = terms().collateral_per_job;

/// A world whose node has kept the collateral of one slot.
async fn kept_collateral() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.leave(&world.node).await;
    world
}

pub async fn refusals() -> World {
    let world = kept_collateral().await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let other = world.other_node.pubkey();
    let valid = actions::release_collateral(owner);

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                by_stranger(&world, valid.clone()),
                &[&world.stranger],
            ),
            case(
                "by the owner of another node",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, other),
                &[&world.other_node],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&other)),
                &by,
            ),
            case(
                "through another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), staking::ID, rewards::ID),
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

    world.run(valid, &by).await;
    assert_eq!(world.collateral_of(&world.node).await, (0, 0));
    world
}

#[tokio::test]
async fn exactly_what_is_idle_is_released() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.work(&world.node).await;
    world.leave(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (2 * COLLATERAL, COLLATERAL));

    let done = world.release_collateral(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (COLLATERAL, 0), "the other slot waits");
    let changed = done.events().into_iter().find_map(|event| match event {
        Event::Staking(staking::events::Event::CollateralChanged(changed)) => Some(changed),
        _ => None,
    });
    let changed = changed.expect("the stake has changed");
    assert_eq!((changed.locked_before, changed.locked_after), (2 * COLLATERAL, COLLATERAL));
}

#[tokio::test]
async fn what_a_slot_or_a_result_uses_stays_locked() {
    let world = World::new(nosana_tests::terms::challenged()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    let done = world.release_collateral(&world.node).await;
    assert!(done.inner_units(&staking::ID).is_empty(), "nothing is idle");
    assert_eq!(world.collateral_of(&world.node).await, (COLLATERAL, 0));

    world.start(&world.node, &job).await;
    world.release_collateral(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (COLLATERAL, 0), "it runs a job");
    world.finish(&world.node, &job).await;
    world.release_collateral(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (COLLATERAL, 0), "its result can be judged");
}

#[tokio::test]
async fn a_second_release_does_nothing() {
    let world = kept_collateral().await;
    let done = world.release_collateral(&world.node).await;
    assert_eq!(done.inner_units(&staking::ID).len(), 1);
    let again = world.release_collateral(&world.node).await;
    assert!(again.inner_units(&staking::ID).is_empty());
    assert_eq!(world.collateral_of(&world.node).await, (0, 0));
}

#[tokio::test]
async fn also_in_the_cooldown() {
    let world = kept_collateral().await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    world.run(actions::unstake(owner), &by).await;
    assert_eq!(world.release_all(&world.node).await, COLLATERAL);

    world.advance_clock(DURATION);
    let before = world.tokens(&world.node).await;
    world.run(actions::withdraw(owner, world.mint), &by).await;
    assert_eq!(world.tokens(&world.node).await - before, STAKE, "nothing is kept back");
}

#[tokio::test]
async fn also_while_entry_is_paused_and_the_node_drains() {
    let world = kept_collateral().await;
    set_paused(&world, true).await;
    let guardian = world.deployer.pubkey();
    let pause = staking::instructions::SetPaused { guardian, paused: true };
    world.run(pause, &[&world.deployer]).await;
    world.run(actions::set_draining(world.node.pubkey(), true), &[&world.node]).await;
    assert_eq!(world.release_all(&world.node).await, COLLATERAL);
}

#[tokio::test]
async fn a_node_without_a_stake_has_nothing_to_release() {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    world.register(&owner).await;
    world.release_collateral(&owner).await;
    assert_eq!(world.node_of(&owner).await.idle_collateral, 0);
}

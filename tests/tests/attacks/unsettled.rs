//! What somebody might try who leaves a stake or a delegation without settling its position: to
//! earn on with weight that has left, or to lessen what others earn.
//!
//! Three positions of equal weight are there from the beginning.

use nosana_client::{actions, pda, rewards, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::terms::{DURATION, EPOCH, NOS, STAKE, START, batch, terms};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// What each weight of [`STAKE`] earns in the epoch that pays.
const SHARE: u64 = 10 * NOS;

/// The time at so many halves of an epoch. The epoch from the second to the fourth half pays.
fn halves(count: u64) -> i64 {
    START + i64::try_from(count * EPOCH / 2).expect("small")
}

/// A world that pays a share to each of so many weights in its second epoch.
async fn world_with_income(weights: u64) -> World {
    let world = World::new(terms()).await;
    let income = actions::fund(world.client.pubkey(), world.mint, weights * SHARE);
    world.run(income, &[&world.client]).await;
    world
}

/// An amount is that share, but for rounding.
fn check_share(paid: u64, share: u64, what: &str) {
    assert!((share.saturating_sub(5)..=share).contains(&paid), "{what}: {paid} of {share}");
}

/// The staker leaves in the middle of the epoch that pays, after it took what it had earned.
async fn leave_in_the_middle(world: &World) {
    world.set_clock(halves(3));
    check_share(world.claim(&world.staker).await, SHARE / 2, "until it left");
    let leave = actions::unstake_unsettled(world.staker.pubkey());
    world.run(leave, &[&world.staker]).await;
}

#[tokio::test]
async fn a_stake_that_left_earns_nothing_more_and_the_others_all_of_it() {
    for way in ["nothing", "claim", "exit", "harvest", "two syncs"] {
        let world = world_with_income(3).await;
        let (owner, mint, by) = (world.staker.pubkey(), world.mint, [&world.staker]);
        leave_in_the_middle(&world).await;

        world.set_clock(halves(4));
        let before = world.tokens(&world.staker).await;
        match way {
            "claim" => {
                let claim = actions::claim(owner, mint);
                world.refuse(rewards::Error::NothingToClaim, claim, &by).await;
            }
            "exit" => drop(world.run(actions::exit(owner, mint), &by).await),
            "harvest" => drop(world.run(actions::harvest(owner, mint), &by).await),
            "two syncs" => drop(world.run(actions::sync(owner), &[]).await),
            _ => {}
        }
        if way != "exit" {
            world.run(actions::sync(owner), &[]).await;
            assert_eq!(world.position_of(&world.staker).await.accrued, 0, "{way}");
            world.refuse(rewards::Error::NothingToClaim, actions::claim(owner, mint), &by).await;
        }
        assert_eq!(world.tokens(&world.staker).await, before, "{way}");
        check_share(world.pool().await.pending, SHARE / 2, way);

        // The others had their own shares at once, and share the rest in the epoch after the next.
        for other in [&world.node, &world.other_node] {
            check_share(world.claim(other).await, SHARE, way);
        }
        world.set_clock(halves(8));
        for other in [&world.node, &world.other_node] {
            check_share(world.claim(other).await, SHARE / 4, way);
        }
    }
}

#[tokio::test]
async fn who_comes_back_has_earned_nothing_meanwhile() {
    for way in ["restake", "close"] {
        let world = world_with_income(3).await;
        let (owner, mint, by) = (world.staker.pubkey(), world.mint, [&world.staker]);
        leave_in_the_middle(&world).await;

        world.set_clock(halves(4));
        if way == "restake" {
            world.run(actions::restake(owner), &by).await;
        } else {
            world.advance_clock(SECONDS_PER_DAY + DURATION);
            world.run(actions::withdraw(owner, mint), &by).await;
            let stake = pda::staking::stake(&owner);
            world.run(staking::instructions::Close { owner, stake }, &by).await;
            world.run(actions::open_stake(owner, mint, STAKE, DURATION), &by).await;
        }

        let position = world.position_of(&world.staker).await;
        assert_eq!((position.accrued, position.weight), (0, 4 * STAKE), "{way}");
        check_share(world.pool().await.pending, SHARE / 2, way);
        for nothing in
            [Instruction::from(actions::claim(owner, mint)), actions::compound(owner).into()]
        {
            world.refuse(rewards::Error::NothingToClaim, nothing, &by).await;
        }
    }
}

/// Two delegators of one node, of whom one leaves in the middle of the epoch that pays.
async fn world_with_delegators(stays: &[Keypair], leaves: &Keypair, world: World) -> World {
    world.accept_delegations(&world.staker, 0).await;
    for delegator in stays.iter().chain([leaves]) {
        world.delegate(delegator, &world.staker, STAKE).await;
    }

    world.set_clock(halves(3));
    check_share(world.claim_delegated(leaves, &world.staker).await, SHARE / 2, "until it left");
    for delegator in stays {
        check_share(world.claim_delegated(delegator, &world.staker).await, SHARE / 2, "so far");
    }
    let leave = actions::undelegate_unsettled(leaves.pubkey(), world.staker.pubkey());
    world.run(leave, &[leaves]).await;
    world.set_clock(halves(4));
    world
}

#[tokio::test]
async fn a_delegation_that_left_earns_nothing_more_and_the_others_all_of_it() {
    for way in ["claim", "sync", "delegate"] {
        let world = world_with_income(5).await;
        let (stays, leaves) = ([world.wallet().await], world.wallet().await);
        let world = world_with_delegators(&stays, &leaves, world).await;
        let owner = world.staker.pubkey();
        match way {
            "sync" => drop(world.run(actions::sync_delegated(owner), &[]).await),
            "delegate" => drop(world.delegate(&stays[0], &world.staker, STAKE).await),
            _ => {}
        }

        check_share(world.claim_delegated(&stays[0], &world.staker).await, SHARE / 2, way);
        let more = actions::claim_delegated(leaves.pubkey(), owner, world.mint);
        world.refuse(staking::Error::NothingToClaim, more, &[]).await;
        check_share(world.pool().await.pending, SHARE / 2, way);
        for other in [&world.node, &world.other_node, &world.staker] {
            check_share(world.claim(other).await, SHARE, way);
        }

        // What is left of it belongs to all weights that are still there.
        let weights = if way == "delegate" { 5 } else { 4 };
        world.set_clock(halves(8));
        for other in [&world.node, &world.other_node, &world.staker] {
            check_share(world.claim(other).await, SHARE / 2 / weights, way);
        }
        let own = SHARE / 2 / weights * (weights - 3);
        check_share(world.claim_delegated(&stays[0], &world.staker).await, own, way);
    }
}

/// A node that is its own delegator does not get it as commission either.
#[tokio::test]
async fn the_last_delegation_that_left_earns_nothing_for_its_node() {
    let world = world_with_income(4).await;
    let leaves = world.wallet().await;
    let world = world_with_delegators(&[], &leaves, world).await;
    let more = actions::claim_delegated(leaves.pubkey(), world.staker.pubkey(), world.mint);
    world.refuse(staking::Error::NothingToClaim, more, &[]).await;

    world.run(actions::sync_delegated(world.staker.pubkey()), &[]).await;
    assert_eq!(world.stake_of(&world.staker).await.commission_owed, 0);
    check_share(world.pool().await.pending, SHARE / 2, "for all");
}

/// A slash lessens the weight from now on. What was earned with it before stays.
#[tokio::test]
async fn a_slash_takes_nothing_of_what_was_earned() {
    let world = world_with_income(4).await;
    let delegator = world.wallet().await;
    world.accept_delegations(&world.node, 0).await;
    world.delegate(&delegator, &world.node, STAKE).await;

    world.set_clock(halves(4));
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);
    let weight = world.position_of(&world.node).await.weight;
    world.expire_match(&job, &world.node).await;

    assert!(world.position_of(&world.node).await.weight < weight, "it was slashed");
    check_share(world.claim(&world.node).await, SHARE, "the node's");
    check_share(world.claim_delegated(&delegator, &world.node).await, SHARE, "the delegator's");
}

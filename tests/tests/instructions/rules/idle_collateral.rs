//! Collateral stays locked from one job to the next: what the node has kept counts first.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
    staking,
};
use nosana_tests::{
    Executed,
    terms::{NOS, STAKE, batch, challenged, terms},
};
use solana_signer::Signer;

use crate::{World, helpers::change_terms};

/// The collateral of a slot, in base units.
const COLLATERAL: u64 = terms().collateral_per_job;

/// Returns how often a transaction locks or releases collateral.
fn count_changes(done: &Executed) -> usize {
    done.inner_units(&staking::ID).len()
}

#[tokio::test]
async fn only_the_first_job_locks_collateral() {
    let world = World::new(terms()).await;
    let node = &world.node;
    for nonce in 1..5 {
        let job = world.list(batch(nonce)).await;
        let done = world.work(node).await;
        assert_eq!(count_changes(&done), usize::from(nonce == 1), "job {nonce}");
        assert_eq!(world.collateral_of(node).await, (COLLATERAL, 0));

        world.start(node, &job).await;
        world.advance_clock(30);
        let done = world.finish(node, &job).await;
        assert_eq!(count_changes(&done), 0, "job {nonce}");
        assert_eq!(world.collateral_of(node).await, (COLLATERAL, COLLATERAL));
    }
}

#[tokio::test]
async fn no_ending_calls_the_staking_program() {
    let world = World::new(challenged()).await;
    let node = &world.node;
    let [settled, rejected, stopped, quit, silent] = [
        world.list(batch(1)).await,
        world.list(batch(2)).await,
        world.list(batch(3)).await,
        world.list(batch(4)).await,
        world.list(batch(5)).await,
    ];
    let check = async |done: Executed| {
        assert_eq!(count_changes(&done), 0);
        assert_eq!(world.collateral_of(node).await, (COLLATERAL, COLLATERAL), "it is kept");
        // The slot of a job that was given back has rested by then.
        world.advance_clock(300);
    };

    for job in [&settled, &rejected] {
        world.work_and_start(node, job).await;
        world.advance_clock(30);
        let done = world.finish(node, job).await;
        assert_eq!(count_changes(&done), 0);
        assert_eq!(world.collateral_of(node).await, (COLLATERAL, 0), "the result has it");
        if job == &settled {
            world.advance_clock(challenged().challenge_seconds.into());
            check(world.settle(job).await).await;
        } else {
            check(world.reject(job, false).await).await;
        }
    }
    world.work(node).await;
    check(world.stop(&stopped, node).await).await;
    world.work_and_start(node, &quit).await;
    check(world.quit(node, &quit).await).await;
    world.cancel(&quit).await;
    world.work_and_start(node, &silent).await;
    world.advance_clock(u64::from(challenged().heartbeat_seconds) + 1);
    check(world.expire_run(&silent, node).await).await;
}

#[tokio::test]
async fn higher_terms_lock_the_difference_and_lower_ones_leave_a_rest() {
    let world = World::new(terms()).await;
    let node = &world.node;
    world.work(node).await;
    world.leave(node).await;

    let higher = COLLATERAL + 3;
    change_terms(&world, MarketTerms { collateral_per_job: higher, ..terms() }).await;
    assert_eq!(count_changes(&world.work(node).await), 1, "the difference is missing");
    assert_eq!(world.collateral_of(node).await, (higher, 0));
    world.leave(node).await;

    let lower = 4 * NOS;
    change_terms(&world, MarketTerms { collateral_per_job: lower, ..terms() }).await;
    assert_eq!(count_changes(&world.work(node).await), 0);
    assert_eq!(world.collateral_of(node).await, (higher, higher - lower));
    let done = world.work(node).await;
    assert_eq!(count_changes(&done), 0, "enough is left for a second slot");
    assert_eq!(world.collateral_of(node).await, (higher, higher - 2 * lower));
}

#[tokio::test]
async fn what_the_node_offers_bounds_the_slot_and_not_the_lock() {
    let world = World::new(terms()).await;
    let (node, by) = (&world.node, [&world.node]);
    world.work(node).await;
    world.leave(node).await;

    let work = actions::work(node.pubkey(), world.market, 1);
    let less = jobs::instructions::Work { max_collateral: COLLATERAL - 1, ..work.clone() };
    world.refuse(jobs::Error::CollateralAboveMaximum, less, &by).await;
    world.run(jobs::instructions::Work { max_collateral: COLLATERAL, ..work }, &by).await;
    assert_eq!(world.collateral_of(node).await, (COLLATERAL, 0));
}

#[tokio::test]
async fn a_node_whose_whole_stake_is_locked_works_on() {
    let world = World::new(MarketTerms { collateral_per_job: STAKE, ..terms() }).await;
    let (node, by) = (&world.node, [&world.node]);
    for nonce in 1..3 {
        let job = world.list(batch(nonce)).await;
        world.work_and_start(node, &job).await;
        let second = actions::work(node.pubkey(), world.market, 1);
        world.refuse(staking::Error::InsufficientCollateral, second, &by).await;
        world.advance_clock(30);
        world.finish(node, &job).await;
        assert_eq!(world.collateral_of(node).await, (STAKE, STAKE));
    }
}

#[tokio::test]
async fn idle_collateral_is_no_stake() {
    let world = World::new(terms()).await;
    let (node, by) = (&world.node, [&world.node]);
    world.work(node).await;
    world.leave(node).await;
    world.run(actions::unstake(node.pubkey()), &by).await;

    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work.clone(), &by).await;
    assert_eq!(world.collateral_of(node).await, (COLLATERAL, COLLATERAL));
    world.run(actions::restake(node.pubkey()), &by).await;
    assert_eq!(count_changes(&world.run(work, &by).await), 0, "it is locked still");
}

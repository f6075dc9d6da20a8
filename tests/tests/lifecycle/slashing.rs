//! Matches whose node does not start.

use nosana_client::{Event, actions, jobs, pda, staking};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
    units::{Amount, Seconds},
    xnos,
};
use nosana_tests::terms::{DURATION, STAKE, batch, terms};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{state_and_reason, world};

type World = nosana_tests::World<nosana_tests::Bank>;

/// Checks what the penalty leaves of a stake and its position, and that no staker received it.
async fn check_slashed(world: &World, owner: &Keypair) {
    let penalty = terms().no_start_penalty;
    let stake = world.stake_of(owner).await;
    assert_eq!((stake.amount, stake.slashed), (STAKE - penalty, penalty));
    assert_eq!(world.release_all(owner).await, terms().collateral_per_job - penalty);
    let weight =
        xnos::stake_weight(Amount(STAKE - penalty), Seconds(DURATION)).expect("in range").0;
    assert_eq!(stake.xnos, weight);
    assert_eq!(world.tokens_in(&pda::rewards::vault()).await, 0);
    assert_eq!(world.pool().await.pending, 0);
    let node = world.node_of(owner).await;
    assert_eq!(node.jobs_failed, 1);
    let rests = SlotState::Resting as u8;
    assert!(node.slots.iter().all(|slot| slot.state == 0 || slot.state == rests));
}

/// Returns the first second after the start clock has run out.
async fn run_out(world: &World, job: &Address, node: &Keypair) {
    world.advance_clock(terms().start_seconds.into());
    let expire = actions::expire_match(
        *job,
        &world.job(job).await,
        node.pubkey(),
        world.mint,
        world.nonexistent_account(),
    );
    world.refuse(jobs::Error::TooEarly, expire, &[]).await;

    world.advance_clock(1);
}

#[tokio::test]
async fn a_node_that_takes_a_job_and_does_not_start_it_pays() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    run_out(&world, &job, &world.node).await;
    let supply = world.supply().await;
    let done = world.expire_match(&job, &world.node).await;
    check_slashed(&world, &world.node).await;
    let position = world.position_of(&world.node).await;
    assert_eq!(
        position.weight,
        world.stake_of(&world.node).await.xnos,
        "the position lost weight as well"
    );
    let slashed = done.events().into_iter().find_map(|event| match event {
        Event::Staking(staking::events::Event::Slashed(slashed)) => Some(slashed),
        _ => None,
    });
    let slashed = slashed.expect("there is an event");
    assert_eq!((slashed.owner, slashed.amount), (world.node.pubkey(), terms().no_start_penalty));
    assert_eq!((slashed.reporter, slashed.burned), (0, terms().no_start_penalty));
    assert_eq!(world.supply().await, supply - slashed.burned);

    let stored = world.job(&job).await;
    assert_eq!((state_and_reason(&stored).0, stored.attempts), (State::Queued, 1));
    assert_eq!(world.waiting().await, [job]);
    world.work_and_start(&world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
}

#[tokio::test]
async fn a_node_that_meets_a_job_and_does_not_start_it_pays() {
    let world = world(terms()).await;
    world.work(&world.node).await;

    world.advance_clock(1_000);
    let job = world.list(batch(1)).await;
    run_out(&world, &job, &world.node).await;
    world.expire_match(&job, &world.node).await;
    check_slashed(&world, &world.node).await;
    assert_eq!(world.waiting().await, [job]);
    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::NoSuchSlot, start, &[&world.node]).await;
}

#[tokio::test]
async fn a_stake_without_a_position_is_slashed_as_well() {
    let world = world(terms()).await;
    let owner = world.wallet().await;
    world.stake(&owner).await;
    world.register(&owner).await;
    let job = world.list(batch(1)).await;
    world.work(&owner).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&job, &owner).await;
    check_slashed(&world, &owner).await;
}

#[tokio::test]
async fn the_last_attempt_is_refunded_although_nobody_worked() {
    let terms = nosana_client::jobs::types::MarketTerms { max_attempts: 0, ..terms() };
    let world = world(terms).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;

    world.advance_clock(u64::from(terms.start_seconds) + 1);
    world.expire_match(&job, &world.node).await;
    assert_eq!(
        state_and_reason(&world.job(&job).await),
        (State::Settled, Reason::AttemptsExhausted)
    );
    assert_eq!(world.tokens(&world.client).await, before);
}

#[tokio::test]
async fn a_market_without_collateral_locks_and_slashes_nothing() {
    let terms = nosana_client::jobs::types::MarketTerms {
        collateral_per_job: 0,
        no_start_penalty: 0,
        ..terms()
    };
    let world = world(terms).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;

    world.advance_clock(u64::from(terms.start_seconds) + 1);
    world.expire_match(&job, &world.node).await;
    world.work_and_start(&world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
    assert_eq!(world.stake_of(&world.node).await.amount, STAKE);
}

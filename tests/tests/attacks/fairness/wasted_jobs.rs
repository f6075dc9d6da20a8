//! Nodes that take jobs and waste them: garbage instead of results, refusals, lost runs.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::{
    chain::Executed,
    terms::{batch, challenged, terms},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::state_of;
use crate::World;

async fn slot_states(world: &World, owner: &Keypair) -> Vec<SlotState> {
    let slots = world.node_of(owner).await.slots;
    slots.iter().map(|slot| SlotState::from_byte(slot.state).unwrap()).collect()
}

/// Starts and finishes the jobs that the node can take, with any digest. Returns how many.
async fn finish_garbage(world: &World, jobs: &[Address]) -> usize {
    let mut finished = 0;
    for _ in jobs {
        let work = actions::work(world.node.pubkey(), world.market, 1);
        if world.attempt(work, &[&world.node]).await.is_err() {
            break;
        }
        let [job, ..] = world.claimed_jobs(&world.node).await[..] else { break };
        world.start(&world.node, &job).await;
        world.finish(&world.node, &job).await;
        finished += 1;
    }
    finished
}

#[tokio::test]
async fn garbage_is_not_paid_and_ends_one_job_a_run() {
    let rest = MarketTerms { min_run_seconds: 60, min_timeout_seconds: 60, ..challenged() };
    let world = World::new(rest).await;
    let before = world.tokens(&world.node).await;
    let mut all = Vec::new();
    for nonce in 0..10 {
        all.push(world.list(batch(nonce)).await);
    }

    // The node has two slots: each ends one job, and rests until the shortest run is over.
    assert_eq!(finish_garbage(&world, &all).await, 2);
    assert_eq!(slot_states(&world, &world.node).await[..2], [SlotState::Resting; 2]);
    world.advance_clock(60);
    assert_eq!(finish_garbage(&world, &all).await, 0);
    world.advance_clock(1);
    assert_eq!(finish_garbage(&world, &all).await, 2);

    for job in &all[..4] {
        world.reject(job, false).await;
    }
    assert_eq!(world.tokens(&world.node).await, before);
    let node = world.node_of(&world.node).await;
    assert_eq!((node.jobs_completed, node.jobs_rejected, node.reputation_good), (0, 4, 0));
}

#[tokio::test]
async fn an_unrunnable_job_costs_who_takes_it_rests_that_double_and_ends() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    for attempt in 0..=terms().max_attempts {
        assert_eq!(state_of(&world, &job).await, (State::Queued, Reason::None), "{attempt}");
        world.work(&world.node).await;
        world.quit(&world.node, &job).await;
        let rest = world.node_of(&world.node).await.slots[0].since - world.now();
        assert_eq!(rest, 5 << attempt);
        world.advance_clock(41);
    }
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Unplaceable));
}

#[tokio::test]
async fn jobs_that_a_node_did_not_choose_do_not_double_its_rests() {
    let world = World::new(terms()).await;
    let rest = async || {
        let slot = world.node_of(&world.node).await.slots[0];
        (slot.since - world.now(), slot.refusals)
    };
    for nonce in 1..=4 {
        world.work(&world.node).await;
        let junk = world.list(batch(nonce)).await;
        world.quit(&world.node, &junk).await;
        assert_eq!(rest().await, (5, 0), "{nonce}");
        world.cancel(&junk).await;
        world.advance_clock(6);
    }

    let taken = world.list(batch(5)).await;
    world.work(&world.node).await;
    world.quit(&world.node, &taken).await;
    assert_eq!(rest().await, (5, 1), "it took this one");
    world.cancel(&taken).await;
    world.advance_clock(6);

    world.work(&world.node).await;
    let late = world.list(batch(6)).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&late, &world.node).await;
    assert_eq!(rest().await.1, 2, "it did not start this one");
}

#[tokio::test]
async fn a_job_of_ones_own_does_not_make_refusing_cheap_again() {
    let world = World::new(terms()).await;
    for (nonce, rest) in [(1, 5), (2, 10), (3, 20)] {
        let job = world.list(batch(nonce)).await;
        world.work(&world.node).await;
        world.quit(&world.node, &job).await;
        let slot = world.node_of(&world.node).await.slots[0];
        assert_eq!(slot.since - world.now(), rest);
        world.cancel(&job).await;
        world.advance_clock(21);

        let own = world.list_for(&world.node, &world.node, batch(nonce)).await;
        world.work_and_start(&world.node, &own).await;
        world.finish(&world.node, &own).await;
    }
}

/// The client lists a job, and the node takes it, gives it back and rests. Returns for how many
/// seconds.
async fn refuse_next(world: &World, nonce: u64) -> i64 {
    let job = world.list(batch(nonce)).await;
    world.work(&world.node).await;
    world.quit(&world.node, &job).await;
    let rest = world.node_of(&world.node).await.slots[0].since - world.now();

    world.cancel(&job).await;
    world.advance_clock(rest.unsigned_abs() + 1);
    rest
}

#[tokio::test]
async fn a_market_of_ones_own_with_short_clocks_does_not_make_refusing_cheap_again() {
    let mut world = World::new(terms()).await;
    for (nonce, rest) in [(1, 5), (2, 10), (3, 20)] {
        assert_eq!(refuse_next(&world, nonce).await, rest);
    }

    // Eight of its own start clocks after the last refusal, and less than eight of the others.
    let short = MarketTerms { start_seconds: 5, no_start_penalty: 0, ..terms() };
    let own = world.open_market(2, short).await;
    let here = std::mem::replace(&mut world.market, own);
    world.advance_clock(8 * 5);
    assert_eq!(refuse_next(&world, 4).await, 5, "the start clock");

    world.market = here;
    world.advance_clock(8 * 5);
    assert_eq!(refuse_next(&world, 5).await, 5 << 4);
}

/// Takes a job and loses it again in one transaction, by leaving the stake.
async fn take_and_lose(world: &World, job: Address) -> Result<Executed, nosana_tests::Failure> {
    let owner = world.node.pubkey();
    let stored = world.job(&job).await;
    let started = jobs::accounts::Job { node_token: world.token_account(&owner), ..stored };
    let all: [Instruction; 5] = [
        actions::work(owner, world.market, 1).into(),
        actions::start(owner, job, &stored).into(),
        actions::unstake(owner).into(),
        actions::expire_run(owner, job, &started, owner).into(),
        actions::restake(owner).into(),
    ];
    world.attempt_all(&all, &[&world.node]).await
}

#[tokio::test]
async fn whatever_takes_a_job_from_a_node_rests_its_slot() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    take_and_lose(&world, job).await.expect("the first slot");
    take_and_lose(&world, job).await.expect("the second slot");
    assert_eq!(slot_states(&world, &world.node).await[..2], [SlotState::Resting; 2]);
    assert!(take_and_lose(&world, job).await.is_err(), "a slot did not rest");

    // By silence, and by a missed start.
    world.advance_clock(1_000);
    world.work_and_start(&world.node, &job).await;
    world.advance_clock(61);
    world.expire_run(&job, &world.node).await;
    assert_eq!(slot_states(&world, &world.node).await[0], SlotState::Resting);
    world.advance_clock(1_000);
    let other = world.list(batch(2)).await;
    world.work(&world.node).await;
    let [taken] = world.claimed_jobs(&world.node).await[..] else { panic!("none claimed") };
    world.advance_clock(121);
    world.expire_match(&taken, &world.node).await;
    assert_eq!(slot_states(&world, &world.node).await[0], SlotState::Resting);
    assert_ne!(taken, other);
}

//! `quit`: the node gives a job back, and its slot rests.

use nosana_client::{
    Event,
    actions::{self, NO_DETAIL},
    jobs::{self, events::Event as JobsEvent, instructions::Quit, types::MarketTerms},
};
use nosana_protocol::{
    job::{Reason, ReturnCause, State},
    slot::SlotState,
};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, terms},
    world::{case, unsigned},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{first_slot, first_slot_state, limit_to_one_slot, state_and_reason, wrong_accounts},
};

/// The cause that the tests name.
const CAUSE: u8 = ReturnCause::Unsupported as u8;

pub async fn refusals() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let (job, waiting) = (world.list(batch(1)).await, world.list(batch(2)).await);
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    world.work_and_start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::quit(owner, job, &stored, owner, CAUSE, NO_DETAIL);
    let of_another = Quit { attempt_id: stored.attempt_id + 1, ..valid.clone() };
    let without_cause = Quit { cause: 0, ..valid.clone() };
    let foreign_cause = Quit { cause: ReturnCause::NotStarted as u8, ..valid.clone() };
    let (another, client) = (world.other_node.pubkey(), world.client.pubkey());
    let not_taken =
        actions::quit(owner, waiting, &world.job(&waiting).await, owner, CAUSE, NO_DETAIL);

    world
        .refuse_all([
            case(
                "by the client",
                jobs::Error::NotNodeAuthority,
                actions::quit(client, job, &stored, owner, CAUSE, NO_DETAIL),
                &[&world.client],
            ),
            case(
                "by another node",
                jobs::Error::NotThisNode,
                actions::quit(another, job, &stored, another, CAUSE, NO_DETAIL),
                &[&world.other_node],
            ),
            case("a job that waits", jobs::Error::NoSuchSlot, not_taken, &by),
            case("another attempt", jobs::Error::AnotherAttempt, of_another, &by),
            case("no cause", jobs::Error::UnknownCause, without_cause, &by),
            case("a cause of the program's", jobs::Error::UnknownCause, foreign_cause, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.cancel(&waiting).await;
    world.work(&world.node).await;
    let matched = world.list(batch(3)).await;
    let stolen =
        actions::quit(another, matched, &world.job(&matched).await, another, CAUSE, NO_DETAIL);
    world.refuse(jobs::Error::NotThisNode, stolen, &[&world.other_node]).await;

    world.advance_clock(121);
    let late = actions::quit(owner, matched, &world.job(&matched).await, owner, CAUSE, NO_DETAIL);
    world.refuse(jobs::Error::DeadlinePassed, late, &by).await;
    world.expire_match(&matched, &world.node).await;
    world.advance_clock(121);
    world.work_and_start(&world.node, &matched).await;
    world.heartbeat_for(600, &world.node, &matched).await;

    world.advance_clock(31);
    let lost = actions::quit(owner, matched, &world.job(&matched).await, owner, CAUSE, NO_DETAIL);
    world.refuse(jobs::Error::DeadlinePassed, lost, &by).await;
    world
}

fn work_instruction(world: &World, owner: &Keypair) -> jobs::instructions::Work {
    actions::work(owner.pubkey(), world.market, 1)
}

/// The slot rests until `until`, and takes work in the second after it.
async fn check_rest(world: &World, owner: &Keypair, until: i64) {
    let slot = first_slot(world, owner).await;
    assert_eq!(
        (SlotState::from_byte(slot.state), slot.since, slot.collateral),
        (Some(SlotState::Resting), until, 0)
    );
    let collateral = terms().collateral_per_job;
    assert_eq!(world.collateral_of(owner).await, (collateral, collateral), "it is idle");

    world.set_clock(until);
    world.refuse(jobs::Error::NoFreeSlot, work_instruction(world, owner), &[owner]).await;

    world.advance_clock(1);
    world.run(work_instruction(world, owner), &[owner]).await;
}

#[tokio::test]
async fn a_refusal_rests_the_slot_as_long_as_it_held_the_job() {
    let world = World::new(terms()).await;
    limit_to_one_slot(&world, &world.node).await;
    let [first, second] = [world.list(batch(1)).await, world.list(batch(2)).await];
    world.work(&world.node).await;
    assert_eq!(first_slot_state(&world, &world.node).await, SlotState::Claimed);

    world.advance_clock(50);
    world.quit(&world.node, &first).await;
    assert_eq!(world.waiting().await, [second, first], "it goes to the back");
    let stored = world.job(&first).await;
    assert_eq!(state_and_reason(&stored), (State::Queued, Reason::None));
    assert_eq!((stored.attempts, stored.refusals), (0, 1));
    assert_eq!(world.node_of(&world.node).await.jobs_failed, 0);
    check_rest(&world, &world.node, world.now() + 50).await;
}

#[tokio::test]
async fn the_shortest_rest_doubles_with_every_refusal() {
    let world = World::new(MarketTerms { start_seconds: 30, ..terms() }).await;
    limit_to_one_slot(&world, &world.node).await;
    for nonce in 0..5 {
        world.list(batch(nonce)).await;
    }
    world.work(&world.node).await;

    for rest in [5, 10, 20, 30] {
        let [job, ..] = world.claimed_jobs(&world.node).await[..] else { panic!("none claimed") };
        world.quit(&world.node, &job).await;
        check_rest(&world, &world.node, world.now() + rest).await;
    }

    // Eight start clocks after the last one, the row begins anew.
    world.advance_clock(8 * 30);
    let [job, ..] = world.claimed_jobs(&world.node).await[..] else { panic!("none claimed") };
    world.expire_match(&job, &world.node).await;
    let slot = first_slot(&world, &world.node).await;
    assert_eq!((slot.refusals, slot.remembered_until), (1, world.now() + 8 * 30));
}

#[tokio::test]
async fn a_refusal_of_a_matched_job_counts_from_the_match() {
    let world = World::new(terms()).await;
    limit_to_one_slot(&world, &world.node).await;
    world.work(&world.node).await;

    world.advance_clock(1_000);
    let job = world.list(batch(1)).await;

    world.advance_clock(50);
    let executed = world.quit(&world.node, &job).await;
    let requeued = executed.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::JobRequeued(requeued)) => Some(requeued),
        _ => None,
    });
    assert_eq!(requeued.map(|event| event.cause), Some(ReturnCause::Unspecified as u64));
    let stored = world.job(&job).await;
    assert_eq!(stored.return_cause, ReturnCause::Unspecified as u8, "the client can read it");
    assert_eq!((world.waiting().await, stored.attempts), (vec![job], 0));
    assert_eq!(first_slot(&world, &world.node).await.refusals, 0, "it did not choose the job");
    check_rest(&world, &world.node, world.now() + 50).await;
}

#[tokio::test]
async fn what_a_node_says_stays_until_the_next_start() {
    let words = [9; 32];
    let world = World::new(MarketTerms { max_attempts: 1, ..terms() }).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.quit_saying(words, &world.node, &job).await;
    let refused = world.job(&job).await;
    assert_eq!((refused.checkpoint, state_and_reason(&refused).0), (words, State::Queued));

    // The words are about the last return.
    world.work(&world.other_node).await;
    assert_eq!(world.job(&job).await.checkpoint, words, "who took it has not started it");
    world.start(&world.other_node, &job).await;
    assert_eq!(world.job(&job).await.checkpoint, NO_DETAIL);

    let attempt = world.job(&job).await.attempt_id;
    let beat = actions::heartbeat(world.other_node.pubkey(), job, attempt, [7; 32], 0);
    world.run(beat, &[&world.other_node]).await;
    world.quit(&world.other_node, &job).await;
    assert_eq!(world.job(&job).await.checkpoint, NO_DETAIL, "the last one said nothing");

    // They stay with a job that is settled by the return.
    world.advance_clock(301);
    world.work_and_start(&world.node, &job).await;
    world.quit_saying(words, &world.node, &job).await;
    let settled = world.job(&job).await;
    let expected = (State::Settled, Reason::AttemptsExhausted);
    assert_eq!((settled.checkpoint, state_and_reason(&settled)), (words, expected));
}

#[tokio::test]
async fn a_failure_rests_the_slot_as_long_as_silence_would_have() {
    // The heartbeat's time, and no less than a refusal's: starting first is not the cheaper way to
    // refuse.
    for (heartbeat_seconds, rest) in [(300, 300), (60, 120)] {
        let world = World::new(MarketTerms { heartbeat_seconds, ..terms() }).await;
        limit_to_one_slot(&world, &world.node).await;
        let [first, second] = [world.list(batch(1)).await, world.list(batch(2)).await];
        world.work_and_start(&world.node, &first).await;
        assert_eq!(first_slot_state(&world, &world.node).await, SlotState::Running);
        world.advance_clock(50);
        world.quit(&world.node, &first).await;
        assert_eq!(world.waiting().await, [first, second], "it goes to the head");
        let stored = world.job(&first).await;
        assert_eq!(
            (state_and_reason(&stored), stored.attempts),
            ((State::Queued, Reason::None), 1)
        );
        assert_eq!(world.node_of(&world.node).await.jobs_failed, 1);
        check_rest(&world, &world.node, world.now() + rest).await;
    }
}

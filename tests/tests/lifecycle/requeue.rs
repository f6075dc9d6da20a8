//! Jobs that go back to the queue.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, deposit, earnings, terms};
use solana_address::Address;
use solana_signer::Signer;

use crate::{settlement_event, state_and_reason, world};

#[tokio::test]
async fn a_job_that_its_node_quits_goes_to_the_head() {
    let world = world(terms()).await;
    let node_tokens = world.tokens(&world.node).await;
    let first = world.list(batch(1)).await;
    let second = world.list(batch(2)).await;
    world.work_and_start(&world.node, &first).await;
    world.heartbeat_for(90, &world.node, &first).await;
    world.quit(&world.node, &first).await;

    assert_eq!(world.waiting().await, [first, second]);
    let stored = world.job(&first).await;
    assert_eq!((state_and_reason(&stored), stored.attempts), ((State::Queued, Reason::None), 1));
    assert_eq!(
        (stored.node, stored.node_token, stored.started_at),
        (Address::default(), Address::default(), 0)
    );
    assert_eq!(stored.escrow, deposit());
    assert_eq!(world.tokens(&world.node).await, node_tokens, "an unfinished job pays nothing");
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    assert_eq!(world.node_of(&world.node).await.jobs_failed, 1);

    world.work_and_start(&world.other_node, &first).await;
    world.heartbeat_for(10, &world.other_node, &first).await;
    let settled = settlement_event(&world.finish(&world.other_node, &first).await);
    assert_eq!(settled.node_amount, earnings(10).0, "the clock began anew");
}

#[tokio::test]
async fn a_job_can_be_given_back_before_its_start() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.quit(&world.node, &job).await;
    assert_eq!(world.waiting().await, [job]);
    world.cancel(&job).await;

    world.work(&world.node).await;
    let matched = world.list(batch(2)).await;
    world.quit(&world.node, &matched).await;
    assert_eq!(world.waiting().await, [matched]);
    assert_eq!(world.job(&matched).await.attempts, 0, "a refusal is not an attempt");
    assert_eq!(world.node_of(&world.node).await.jobs_failed, 0);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    let work = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::NoFreeSlot, work, &[&world.node]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.work(&world.node).await;
}

#[tokio::test]
async fn a_job_that_comes_back_meets_the_node_that_waits() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.work(&world.other_node).await;

    world.advance_clock(7);
    world.quit(&world.node, &job).await;
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored).0, State::Matched);
    assert_eq!(stored.node, pda::jobs::node(&world.other_node.pubkey()));
    assert_eq!((stored.matched_at, stored.attempts), (world.now(), 1));
    assert!(world.waiting().await.is_empty());
    world.start(&world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
}

#[tokio::test]
async fn a_job_does_not_come_back_for_ever() {
    let world = world(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    for attempt in 1..=terms().max_attempts {
        world.work_and_start(&world.node, &job).await;
        world.quit(&world.node, &job).await;
        assert_eq!(u16::from(world.job(&job).await.attempts), attempt);
        world.advance_clock(u64::from(terms().start_seconds.max(terms().heartbeat_seconds)) + 1);
    }
    world.work_and_start(&world.node, &job).await;
    let settled = settlement_event(&world.quit(&world.node, &job).await);
    assert_eq!(settled.payer_amount, deposit());
    assert_eq!(
        state_and_reason(&world.job(&job).await),
        (State::Settled, Reason::AttemptsExhausted)
    );
    assert_eq!(world.tokens(&world.client).await, before);
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn a_market_may_allow_no_second_attempt() {
    let world = world(nosana_client::jobs::types::MarketTerms { max_attempts: 0, ..terms() }).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.quit(&world.node, &job).await;
    assert_eq!(
        state_and_reason(&world.job(&job).await),
        (State::Settled, Reason::AttemptsExhausted)
    );
    assert_eq!(world.tokens(&world.client).await, before);
}

#[tokio::test]
async fn one_slot_that_waits_is_as_good_as_another() {
    let world = world(terms()).await;
    world.work(&world.node).await;
    world.work(&world.node).await;
    let (first, second) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.start(&world.node, &second).await;
    world.quit(&world.node, &first).await;
    assert_eq!(world.waiting().await, [first]);
    world.heartbeat_for(u64::from(terms().start_seconds) + 1, &world.node, &second).await;
    world.run(actions::work(world.node.pubkey(), world.market, 1), &[&world.node]).await;
    world.start(&world.node, &first).await;
    world.finish(&world.node, &second).await;
    world.finish(&world.node, &first).await;
    assert_eq!(world.node_of(&world.node).await.jobs_completed, 2);
}

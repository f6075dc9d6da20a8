//! What a run earns, and what ends it.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::terms::{RESULT, batch, earnings, service, terms};
use solana_signer::Signer;

use super::state_of;
use crate::World;

#[tokio::test]
async fn results_that_nobody_could_reject_make_no_reputation() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    let node = world.node_of(&world.node).await;
    assert_eq!((node.earned, node.jobs_completed, node.reputation_good), (4_700, 1, 0));
}

#[tokio::test]
async fn the_rest_after_an_early_result_is_not_paid() {
    let shortest = MarketTerms { min_run_seconds: 60, min_timeout_seconds: 60, ..terms() };
    let world = World::new(shortest).await;
    let before = world.tokens(&world.node).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.advance_clock(1);
    world.finish(&world.node, &job).await;

    assert_eq!(world.tokens(&world.node).await - before, earnings(1).0);
    let [slot, ..] = world.node_of(&world.node).await.slots;
    assert_eq!((slot.state, slot.since), (SlotState::Resting as u8, world.now() + 59));
}

#[tokio::test]
async fn a_client_that_silences_a_node_pays_for_its_work() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(200, &world.node, &job).await;
    world.advance_clock(61);

    let stored = world.job(&job).await;
    let expire = actions::expire_run(world.client.pubkey(), job, &stored, world.node.pubkey());
    world.run(expire, &[&world.client]).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::HeartbeatLost));
    assert_eq!(world.tokens(&world.node).await - before, earnings(200).0);
    assert_eq!(world.node_of(&world.node).await.reputation_bad, 0);
}

#[tokio::test]
async fn a_halt_of_the_cluster_ends_no_run() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;

    // The silence is not paid, and what follows is.
    world.advance_clock(200);
    world.heartbeat(&world.node, &job).await;
    assert_eq!(world.job(&job).await.silent_seconds, 200);
    world.heartbeat_for(300, &world.node, &job).await;
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.node).await - before, earnings(400).0);
}

#[tokio::test]
async fn an_instruction_for_a_closed_job_does_not_hit_its_successor() {
    let world = World::new(MarketTerms { retention_seconds: 0, ..terms() }).await;
    let owner = world.node.pubkey();
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let old = world.job(&job).await;
    let stale = actions::finish(owner, job, &old, owner, RESULT, actions::NO_TRACE);
    world.stop(&job, &world.node).await;
    world.clean(&job).await;

    assert_eq!(world.list(batch(1)).await, job, "at the same address");
    world.work_and_start(&world.node, &job).await;
    world.refuse(jobs::Error::AnotherAttempt, stale, &[&world.node]).await;
    let stop = actions::stop(world.client.pubkey(), job, &old, owner);
    world.refuse(jobs::Error::AnotherAttempt, stop, &[&world.client]).await;
}

//! `reject`: the client rejects a result before its challenge window is over.

use nosana_client::{
    Event, actions, jobs, jobs::events::Event as JobsEvent, jobs::instructions::Reject,
};
use nosana_protocol::job::{Reason, ReturnCause, State};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, deposit, earnings, verified_terms},
    world::{case, unsigned},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{state_and_reason, wrong_accounts},
};

async fn submit_result(world: &World, payer: &Keypair) -> Address {
    let job = world.list_for(&world.client, payer, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    job
}

pub async fn refusals() -> World {
    let world = World::new(challenged()).await;
    let sponsor = world.wallet().await;
    let sponsored = submit_result(&world, &sponsor).await;
    let (client, owner) = (world.client.pubkey(), world.node.pubkey());
    let charge = actions::reject(client, sponsored, &world.job(&sponsored).await, owner, true);
    world.refuse(jobs::Error::SourceNotOwned, charge, &[&world.client]).await;
    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&sponsored).await;
    world.advance_clock(challenged().retention_seconds.into());
    world.clean(&sponsored).await;
    let other = world.open_market(2, challenged()).await;
    let job = submit_result(&world, &world.client).await;
    let by = [&world.client];
    let stored = world.job(&job).await;
    let valid = actions::reject(client, job, &stored, owner, false);
    let another = world.other_node.pubkey();

    world
        .refuse_all([
            case(
                "its node",
                jobs::Error::NotClient,
                actions::reject(owner, job, &stored, owner, false),
                &[&world.node],
            ),
            case(
                "with another node",
                jobs::Error::NotThisNode,
                actions::reject(client, job, &stored, another, false),
                &by,
            ),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                Reject { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
        ])
        .await;
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;

    let running = world.list(batch(2)).await;
    world.work_and_start(&world.node, &running).await;
    let early = actions::reject(client, running, &world.job(&running).await, owner, false);
    world.refuse(jobs::Error::WrongState, early, &by).await;

    world.advance_clock(challenged().challenge_seconds.into());
    world.refuse(jobs::Error::DeadlinePassed, valid, &by).await;
    world
}

/// A challenge takes nobody's right to reject.
pub async fn a_disputed_result() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.submit_verified(&world.node, 1).await;
    let submitted = world.job(&job).await.submitted_at;
    world.challenge(&world.stranger, &job).await;
    let (client, owner) = (world.client.pubkey(), world.node.pubkey());
    let by = [&world.client];
    let stored = world.job(&job).await;
    let valid = actions::reject(client, job, &stored, owner, true);
    world
        .refuse_all([
            case(
                "its node",
                jobs::Error::NotClient,
                actions::reject(owner, job, &stored, owner, false),
                &[&world.node],
            ),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                Reject { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
        ])
        .await;
    let end = submitted + i64::from(verified_terms().challenge_seconds);
    world.set_clock(end);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;

    world.set_clock(end - 1);
    let done = world.run(valid, &by).await;
    let expected = jobs::accounts::Job { rejection_requested: 1, ..stored };
    assert_eq!(world.job(&job).await, expected, "nothing else changes");
    let is_told = |event: Event| match event {
        Event::Jobs(JobsEvent::RejectionRequested(event)) => event.job == job,
        _ => false,
    };
    assert!(done.events().into_iter().any(is_told));
    world
}

#[tokio::test]
async fn neither_side_gains_by_a_rejection() {
    let world = World::new(challenged()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = submit_result(&world, &world.client).await;
    world.advance_clock(u64::from(challenged().challenge_seconds) - 1);
    let executed = world.reject(&job, false).await;

    let (pay, fee) = earnings(100);
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Settled, Reason::ResultRejected));
    assert_eq!(world.tokens(&world.client).await, client - pay - fee, "what acceptance costs");
    assert_eq!(world.tokens(&world.node).await, node);
    assert_eq!(world.queue().await.header.fees_accrued, pay + fee);
    assert_eq!(world.release_all(&world.node).await, challenged().collateral_per_job);

    let node = world.node_of(&world.node).await;
    assert_eq!((node.jobs_completed, node.jobs_rejected, node.earned), (0, 1, 0));
    assert_eq!((node.reputation_good, node.reputation_bad), (0, 0));
    let rejected = executed.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::ResultRejected(rejected)) => Some(rejected),
        _ => None,
    });
    assert_eq!(rejected.map(|event| (event.job, event.amount)), Some((job, pay + fee)));
}

#[tokio::test]
async fn a_rejected_job_is_requeued_with_its_whole_deposit() {
    let world = World::new(challenged()).await;
    let client = world.tokens(&world.client).await;
    let job = submit_result(&world, &world.client).await;
    let first = world.job(&job).await;
    world.reject(&job, true).await;

    let (pay, fee) = earnings(100);
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Queued, Reason::None));
    assert_eq!((stored.escrow, stored.result, stored.submitted_at), (deposit(), [0; 32], 0));
    assert_eq!((stored.attempts, stored.return_cause), (1, ReturnCause::ResultRejected as u8));
    assert_eq!(stored.attempt_id, first.attempt_id + 1);
    assert_eq!(world.tokens(&world.client).await, client - deposit() - pay - fee);
    assert_eq!(world.queue().await.header.fees_accrued, pay + fee);
    assert_eq!(world.node_of(&world.node).await.jobs_rejected, 1);

    // Another node runs it, and is paid.
    world.work_and_start(&world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&job).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
}

#[tokio::test]
async fn the_budget_pays_for_a_rejection_first() {
    let world = World::new(challenged()).await;
    let (pay, fee) = earnings(100);
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    let stored = world.job(&job).await;
    let short = actions::top_up(sponsor.pubkey(), job, &stored, world.mint, pay + fee - 1);
    world.run(short, &[&sponsor]).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    let last = actions::top_up(sponsor.pubkey(), job, &stored, world.mint, 1);
    world.run(last, &[&sponsor]).await;
    world.finish(&world.node, &job).await;

    // The sponsor's account cannot be charged by the client, and need not be.
    let before = world.tokens(&sponsor).await;
    world.reject(&job, true).await;
    let stored = world.job(&job).await;
    assert_eq!((stored.budget, stored.escrow), (0, deposit()));
    assert_eq!(world.tokens(&sponsor).await, before);
}

#[tokio::test]
async fn a_client_cannot_charge_a_sponsor_for_a_rejection() {
    let world = World::new(challenged()).await;
    let sponsor = world.wallet().await;
    let job = submit_result(&world, &sponsor).await;
    let stored = world.job(&job).await;
    let (client, owner) = (world.client.pubkey(), world.node.pubkey());
    let requeue = actions::reject(client, job, &stored, owner, true);
    assert!(world.attempt(requeue, &[&world.client]).await.is_err(), "the sponsor paid");

    world.reject(&job, false).await;
}

#[tokio::test]
async fn without_an_attempt_left_a_rejection_settles_the_job() {
    let terms = nosana_client::jobs::types::MarketTerms { max_attempts: 0, ..challenged() };
    let world = World::new(terms).await;
    let job = submit_result(&world, &world.client).await;
    world.reject(&job, true).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::ResultRejected));
}

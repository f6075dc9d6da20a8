//! `challenge`: anyone but the node disputes the result of a verified job.

use nosana_client::{
    actions,
    jobs::{self, instructions::Challenge},
    pda,
};
use nosana_protocol::{dispute::phase::Phase, job::State};
use nosana_tests::{
    Refusal,
    terms::{batch, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(verified_terms()).await;
    let other = world.open_market(2, verified_terms()).await;
    let plain = world.list(batch(1)).await;
    world.work_and_start(&world.node, &plain).await;
    world.finish(&world.node, &plain).await;
    let job = world.submit_verified(&world.node, 2).await;
    let stored = world.job(&job).await;
    let (who, by) = (world.stranger.pubkey(), [&world.stranger]);
    let valid = actions::challenge(who, job, &stored, world.mint);
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), &by);
    let account = || jobs::Error::WrongAccount.into();
    let another = pda::jobs::node(&world.other_node.pubkey());
    let tokens = world.token_account(&world.client.pubkey());

    world
        .refuse_all([
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), who), &[]),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                Challenge {
                    attempt_id: stored.attempt_id + 1,
                    dispute: pda::jobs::dispute(&job, stored.attempt_id + 1),
                    ..valid.clone()
                },
                &by,
            ),
            case(
                "a job that is not verified",
                jobs::Error::NotVerified,
                actions::challenge(who, plain, &world.job(&plain).await, world.mint),
                &by,
            ),
            case(
                "by its node",
                jobs::Error::OwnResult,
                actions::challenge(world.node.pubkey(), job, &stored, world.mint),
                &[&world.node],
            ),
            wrong("another market", jobs::Error::WrongMarket.into(), world.market, other),
            wrong("another vault", account(), valid.vault, pda::jobs::vault(&other)),
            wrong("another node", jobs::Error::NotThisNode.into(), valid.node, another),
            wrong("another address", Refusal::wrong_seeds(), valid.dispute, another),
            wrong(
                "a bond of another's",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                valid.challenger_token,
                tokens,
            ),
        ])
        .await;

    // The last second of the window, and the first one after it.
    let end = stored.submitted_at + i64::from(stored.challenge_seconds);
    world.set_clock(end);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;
    world.set_clock(end - 1);
    let before = world.tokens(&world.stranger).await;
    world.challenge(&world.stranger, &job).await;
    assert_eq!(world.tokens(&world.stranger).await, before - 4 * stored.panel_fee);
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

pub async fn a_dispute_keeps_what_it_is_about() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.submit_verified(&world.node, 1).await;
    let submitted = world.job(&job).await;
    let address = world.challenge(&world.client, &job).await;
    let dispute = world.dispute(&address).await;

    let node = pda::jobs::node(&world.node.pubkey());
    assert_eq!((dispute.job, dispute.market, dispute.node), (job, world.market, node));
    assert_eq!(dispute.challenger, world.client.pubkey());
    assert_eq!(dispute.challenger_token, world.token_account(&world.client.pubkey()));
    assert_eq!((dispute.panel_fee, dispute.collateral), (7_050, submitted.min_collateral));
    assert!(submitted.collateral > submitted.min_collateral, "seats lock what the job requires");
    assert_eq!(dispute.attempt_id, submitted.attempt_id);
    assert_eq!(dispute.phase, Phase::Seating as u8);
    assert_eq!(dispute.ends_at, world.now() + i64::from(verified_terms().dispute_seconds));
    let challenged = world.job(&job).await;
    assert_eq!(challenged.state, State::Challenged as u8);
    assert_eq!(challenged.collateral, submitted.collateral, "it stays locked");

    // Nothing but the end of the dispute settles the job. A client may reject it; see `reject`.
    let by = [&world.client];
    let client = world.client.pubkey();
    let node = world.node.pubkey();
    world
        .refuse_all([
            case(
                "accept",
                jobs::Error::WrongState,
                actions::accept(client, job, &challenged, node),
                &by,
            ),
            case(
                "settle",
                jobs::Error::WrongState,
                actions::settle(client, job, &challenged, node),
                &by,
            ),
        ])
        .await;
    world
}

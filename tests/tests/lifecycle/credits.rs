//! Amounts that cannot be paid directly, and wallets on both sides of a job.

use nosana_client::{actions, jobs};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{INITIAL_BALANCE, batch, challenged, deposit, earnings, terms};
use solana_signer::Signer;

use crate::{state_and_reason, world};

#[tokio::test]
async fn a_payer_whose_account_is_closed_collects_later() {
    let world = world(terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    world.close_tokens(&sponsor).await;
    let before = world.tokens(&world.node).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    let (pay, fee) = earnings(1);
    assert_eq!(world.tokens(&world.node).await, before + pay, "the node is still paid");
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Settled, Reason::Completed));
    assert_eq!(stored.payer_credit, deposit() - pay - fee);

    world.advance_clock(terms().retention_seconds.into());
    world.refuse(jobs::Error::JobNotEmpty, actions::clean(job, &stored), &[]).await;
    let account = world.open_tokens(&sponsor).await;
    world.collect(&sponsor, &job, &account).await;
    assert_eq!(world.tokens(&sponsor).await, deposit() - pay - fee);
    world
        .refuse(
            jobs::Error::NothingToCollect,
            actions::collect(sponsor.pubkey(), job, &world.job(&job).await, account),
            &[&sponsor],
        )
        .await;
    world.clean(&job).await;
}

#[tokio::test]
async fn a_payer_whose_account_is_frozen_collects_elsewhere() {
    let world = world(terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    // NOS cannot be frozen; a mint that can be is refused at the start. If one
    // could be, only its owner would be affected.
    let account = world.token_account(&sponsor.pubkey());
    world.set_frozen(&account, true).await;
    world.cancel(&job).await;
    assert_eq!(world.job(&job).await.payer_credit, deposit());

    let to_frozen = actions::collect(sponsor.pubkey(), job, &world.job(&job).await, account);
    world.refuse(jobs::Error::CannotReceive, to_frozen, &[&sponsor]).await;
    let elsewhere = world.token_account(&world.stranger.pubkey());
    world.collect(&sponsor, &job, &elsewhere).await;
    assert_eq!(world.tokens(&world.stranger).await, INITIAL_BALANCE + deposit());
    world.set_frozen(&account, false).await;
    assert_eq!(world.tokens(&sponsor).await, INITIAL_BALANCE - deposit());
}

#[tokio::test]
async fn a_node_whose_account_is_closed_collects_later() {
    let world = world(challenged()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(60, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.close_tokens(&world.node).await;

    world.advance_clock(600);
    world.settle(&job).await;
    let (pay, fee) = earnings(60);
    let stored = world.job(&job).await;
    assert_eq!((stored.node_credit, stored.payer_credit), (pay, 0));
    assert_eq!(
        world.tokens(&world.client).await,
        before - pay - fee,
        "the payer is still refunded"
    );

    let elsewhere = world.token_account(&world.stranger.pubkey());
    let theft = actions::collect(world.stranger.pubkey(), job, &stored, elsewhere);
    world.refuse(jobs::Error::NothingToCollect, theft, &[&world.stranger]).await;
    let account = world.open_tokens(&world.node).await;
    world.collect(&world.node, &job, &account).await;
    assert_eq!(world.tokens(&world.node).await, pay);
}

#[tokio::test]
async fn one_person_may_be_payer_and_node() {
    let world = world(terms()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list_for(&world.node, &world.node, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(200, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    assert_eq!(world.tokens(&world.node).await, before - earnings(200).1, "only the fee is gone");
}

#[tokio::test]
async fn one_person_may_be_payer_and_node_with_a_challenge_window() {
    let world = world(challenged()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list_for(&world.node, &world.node, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;

    world.advance_clock(600);
    world.settle(&job).await;
    assert_eq!(world.tokens(&world.node).await, before - earnings(1).1);
}

#[tokio::test]
async fn one_who_is_both_collects_both() {
    let world = world(terms()).await;
    let job = world.list_for(&world.node, &world.node, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.close_tokens(&world.node).await;
    world.finish(&world.node, &job).await;
    let (pay, fee) = earnings(1);
    let stored = world.job(&job).await;
    assert_eq!((stored.node_credit, stored.payer_credit), (pay, deposit() - pay - fee));
    let account = world.open_tokens(&world.node).await;
    world.collect(&world.node, &job, &account).await;
    assert_eq!(world.tokens(&world.node).await, deposit() - fee);
}

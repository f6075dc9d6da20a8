//! From the listing to the last lamport of rent, in both directions.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{RESULT, batch, challenged, deposit, earnings, terms};
use solana_address::Address;
use solana_signer::Signer;

use crate::{settlement_event, state_and_reason, world};

#[tokio::test]
async fn a_job_waits_until_a_node_takes_it() {
    let world = world(terms()).await;
    let client = world.client.pubkey();
    let lamports = world.lamports(&client).await;
    let (client_tokens, node_tokens) =
        (world.tokens(&world.client).await, world.tokens(&world.node).await);

    let job = world.list(batch(1)).await;
    assert_eq!(world.waiting().await, [job]);
    assert_eq!(world.tokens(&world.client).await, client_tokens - deposit());
    let rent = world.lamports(&job).await;
    assert_eq!(world.lamports(&client).await, lamports - rent);

    world.work(&world.node).await;
    assert!(world.waiting().await.is_empty());
    assert_eq!(world.stake_of(&world.node).await.locked, terms().collateral_per_job);
    assert_eq!(
        world.job(&job).await.node,
        Address::default(),
        "only the node's side knows of the match"
    );

    world.advance_clock(20);
    world.start(&world.node, &job).await;
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored).0, State::Running);
    assert_eq!(stored.node_token, world.token_account(&world.node.pubkey()));

    world.heartbeat_for(120, &world.node, &job).await;

    world.advance_clock(3);
    let done = world.finish(&world.node, &job).await;
    let (pay, fee) = earnings(123);
    assert_eq!(world.tokens(&world.node).await, node_tokens + pay);
    assert_eq!(world.tokens(&world.client).await, client_tokens - pay - fee);
    assert_eq!(world.queue().await.header.fees_accrued, fee);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    let node = world.node_of(&world.node).await;
    assert_eq!((node.jobs_completed, node.jobs_failed, node.earned), (1, 0, pay));
    let settled = settlement_event(&done);
    assert_eq!(
        (settled.node_amount, settled.network_amount, settled.paid_seconds),
        (pay, fee, 123)
    );
    assert_eq!(settled.payer_amount, deposit() - pay - fee);

    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Settled, Reason::Completed));
    assert_eq!((stored.result, stored.escrow), (RESULT, 0));
    let clean = actions::clean(job, &stored);

    world.advance_clock(u64::from(terms().retention_seconds) - 1);
    world.refuse(jobs::Error::TooEarly, clean, &[]).await;

    world.advance_clock(1);
    world.clean(&job).await;
    assert_eq!(world.lamports(&job).await, 0);
    assert_eq!(world.lamports(&client).await, lamports, "the rent is back");
}

#[tokio::test]
async fn a_node_waits_until_a_job_is_listed() {
    let world = world(terms()).await;
    world.work(&world.node).await;
    let node = pda::jobs::node(&world.node.pubkey());
    assert_eq!(world.waiting().await, [node]);

    let job = world.list(batch(1)).await;
    assert!(world.waiting().await.is_empty());
    let stored = world.job(&job).await;
    assert_eq!((state_and_reason(&stored).0, stored.node), (State::Matched, node));
    assert_eq!(stored.matched_at, world.now());

    let tokens = world.tokens(&world.node).await;
    world.start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    assert_eq!(
        world.tokens(&world.node).await,
        tokens + earnings(1).0,
        "no time at all is paid as a second"
    );
}

#[tokio::test]
async fn a_sponsor_pays_and_gets_everything_back() {
    let world = world(terms()).await;
    let (client, sponsor) = (world.wallet().await, world.wallet().await);
    let purse = (world.lamports(&sponsor.pubkey()).await, world.tokens(&sponsor).await);
    let before = (world.lamports(&client.pubkey()).await, world.tokens(&client).await);
    let job = world.list_for(&client, &sponsor, batch(1)).await;
    assert_eq!(world.tokens(&sponsor).await, purse.1 - deposit());

    let stored = world.job(&job).await;
    let cell = world.cell(&job).await;
    world
        .refuse(
            jobs::Error::NotClient,
            jobs::instructions::Cancel {
                client: sponsor.pubkey(),
                ..actions::cancel(job, &stored, cell)
            },
            &[&sponsor],
        )
        .await;
    world.run(actions::cancel(job, &stored, cell), &[&client]).await;

    world.advance_clock(terms().retention_seconds.into());
    world.clean(&job).await;
    assert_eq!((world.lamports(&sponsor.pubkey()).await, world.tokens(&sponsor).await), purse);
    assert_eq!((world.lamports(&client.pubkey()).await, world.tokens(&client).await), before);
}

#[tokio::test]
async fn the_whole_timeout_is_the_most_that_is_paid() {
    let world = world(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(600, &world.node, &job).await;

    world.advance_clock(terms().finish_grace_seconds.into());
    let settled = settlement_event(&world.finish(&world.node, &job).await);
    assert_eq!((settled.node_amount, settled.network_amount), earnings(600));
    assert_eq!((settled.payer_amount, settled.paid_seconds), (0, 600));
    assert_eq!(world.tokens(&world.client).await, before - deposit());
}

#[tokio::test]
async fn a_result_is_paid_after_its_challenge_window() {
    let world = world(challenged()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(77, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Submitted, Reason::None));
    assert_eq!((stored.escrow, stored.collateral), (deposit(), terms().collateral_per_job));
    assert_eq!(world.tokens(&world.node).await, node);
    assert_eq!(
        world.stake_of(&world.node).await.locked,
        terms().collateral_per_job,
        "until the window is over"
    );
    assert!(
        world.node_of(&world.node).await.slots.iter().all(|slot| slot.state == 0),
        "the slot is free already"
    );

    let settle = actions::settle(world.stranger.pubkey(), job, &stored, world.node.pubkey());

    world.advance_clock(599);
    world.refuse(jobs::Error::TooEarly, settle, &[&world.stranger]).await;

    world.advance_clock(1);
    world.settle(&job).await;
    let (pay, fee) = earnings(77);
    assert_eq!(world.tokens(&world.node).await, node + pay, "the window is not paid");
    assert_eq!(world.tokens(&world.client).await, client - pay - fee);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
}

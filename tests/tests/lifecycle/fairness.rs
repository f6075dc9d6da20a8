//! What keeps each party from harming the others without cost.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{
            AcceptAdmin, AcceptMarketAuthority, ApplyPolicy, ApplyTerms, ProposeAdmin,
            ProposeMarketAuthority, ProposePolicy, ProposeTerms,
        },
        types::MarketTerms,
    },
    pda,
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::terms::{INITIAL_BALANCE, NOTICE, batch, deposit, earnings, service, terms};
use solana_signer::Signer;

use crate::{settlement_event, state_and_reason, world};

#[tokio::test]
async fn nodes_that_refuse_in_turn_cannot_hold_a_job_for_ever() {
    let hasty = MarketTerms { queue_seconds: 300, ..terms() };
    let world = world(hasty).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    let listed = world.now();
    let mut refusals = 0;
    while world.job(&job).await.state == State::Queued as u8 {
        world.work(&world.node).await;
        world.advance_clock(u64::from(hasty.start_seconds));
        world.quit(&world.node, &job).await;
        world.advance_clock(1);
        refusals += 1;
    }
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Expired));
    assert_eq!((refusals, world.job(&job).await.attempts), (3, 0));
    assert!(world.now() - listed <= i64::from(hasty.queue_seconds + hasty.start_seconds) + 1);
    assert_eq!(world.tokens(&world.client).await, before);
}

#[tokio::test]
async fn a_client_can_take_back_a_job_that_a_node_only_holds() {
    let world = world(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    let stopped = settlement_event(&world.stop(&job, &world.node).await);
    assert_eq!((stopped.payer_amount, stopped.node_amount), (deposit(), 0));
    assert_eq!(world.tokens(&world.client).await, before);
    let [slot, ..] = world.node_of(&world.node).await.slots;
    assert_eq!(slot.state, SlotState::Free as u8, "it does not rest");
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
}

#[tokio::test]
async fn a_node_that_fails_a_job_does_not_meet_it_again() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    world.quit(&world.node, &job).await;
    assert_eq!(world.job(&job).await.node, pda::jobs::node(&world.other_node.pubkey()));
    let node = pda::jobs::node(&world.node.pubkey());
    assert_eq!(world.waiting().await, [node], "it keeps its place in the queue");
    world.leave(&world.node).await;
    assert_eq!(world.release_all(&world.node).await, 2 * terms().collateral_per_job);
    assert!(world.node_of(&world.node).await.slots.iter().all(|slot| slot.collateral == 0));
}

#[tokio::test]
async fn nobody_pays_a_penalty_under_terms_that_came_later() {
    let world = world(terms()).await;
    world.work(&world.node).await;
    let authority = world.deployer.pubkey();
    let config = pda::jobs::config();
    let market = world.market;
    let harsh = MarketTerms { start_seconds: 30, min_xnos: u64::MAX, ..terms() };
    let announce = ProposeTerms { authority, config, market, terms: harsh };
    world.run(announce, &[&world.deployer]).await;

    world.advance_clock(u64::from(NOTICE));
    world.run(ApplyTerms { config, market }, &[]).await;
    let job = world.list(batch(1)).await;
    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::StakeTooSmall, start, &[&world.node]).await;

    world.advance_clock(31);
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, 0);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
}

#[tokio::test]
async fn anyone_may_bring_a_payee_its_money() {
    let world = world(terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    world.close_tokens(&sponsor).await;
    world.cancel(&job).await;
    let own = world.token_account(&world.stranger.pubkey());
    let stored = world.job(&job).await;
    let theft = actions::collect(world.stranger.pubkey(), job, &stored, own);
    world.refuse(jobs::Error::NothingToCollect, theft, &[&world.stranger]).await;
    let account = world.open_tokens(&sponsor).await;
    world.collect(&world.stranger, &job, &account).await;
    assert_eq!(world.tokens(&sponsor).await, deposit());
    assert_eq!(
        world.tokens(&world.stranger).await,
        INITIAL_BALANCE + INITIAL_BALANCE - deposit(),
        "what the sponsor had left there"
    );
    assert_eq!(world.queue().await.header.credits_owed, 0);
}

#[tokio::test]
async fn an_extension_takes_no_pay_from_the_node() {
    let world = world(terms()).await;
    let node = world.tokens(&world.node).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(545, &world.node, &job).await;

    world.advance_clock(54);
    let extend =
        actions::extend(job, &world.job(&job).await, world.client.pubkey(), world.mint, 3_000);
    world.run(extend, &[&world.client]).await;

    world.advance_clock(61);
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::HeartbeatLost));
    assert_eq!(world.tokens(&world.node).await, node + earnings(599).0, "up to the extension");
    let record = world.node_of(&world.node).await;
    assert_eq!(record.reputation_bad, earnings(1).0, "one second short of what it had agreed to");
}

#[tokio::test]
async fn a_job_listed_under_stricter_terms_costs_a_node_nothing() {
    let strict = MarketTerms { min_xnos: 50_000 * nosana_tests::terms::NOS, ..terms() };
    let world = world(strict).await;
    let job = world.list(batch(1)).await;
    let authority = world.deployer.pubkey();
    let config = pda::jobs::config();
    let market = world.market;
    let announce = ProposeTerms { authority, config, market, terms: terms() };
    world.run(announce, &[&world.deployer]).await;

    world.advance_clock(u64::from(NOTICE) - 1);
    world.advance_clock(1);
    world.run(ApplyTerms { config, market }, &[]).await;

    world.advance_clock(1);
    world.work(&world.node).await;
    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::StakeTooSmall, start, &[&world.node]).await;

    world.advance_clock(121);
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, 0);
}

#[tokio::test]
async fn what_a_predecessor_announced_does_not_bind_its_successor() {
    let world = world(terms()).await;
    let authority = world.deployer.pubkey();
    let config = pda::jobs::config();
    let market = world.market;
    let next = world.staker.pubkey();
    let by = [&world.deployer];
    let dearer = MarketTerms { price_per_second: 1_000, ..terms() };
    world.run(ProposeTerms { authority, config, market, terms: dearer }, &by).await;
    let policy = ProposePolicy {
        admin: authority,
        config,
        network_fee_bps: 2_500,
        market_deposit: 0,
        max_timeout_seconds: 60,
    };
    world.run(policy, &by).await;
    world.run(ProposeMarketAuthority { authority, market, next_authority: next }, &by).await;
    world.run(ProposeAdmin { admin: authority, config, next_admin: next }, &by).await;
    world.run(AcceptMarketAuthority { pending_authority: next, market }, &[&world.staker]).await;
    world.run(AcceptAdmin { pending_admin: next, config }, &[&world.staker]).await;

    world.advance_clock(4 * 86_400);
    world.refuse(jobs::Error::NothingAnnounced, ApplyTerms { config, market }, &[]).await;
    world.refuse(jobs::Error::NothingAnnounced, ApplyPolicy { config }, &[]).await;
}

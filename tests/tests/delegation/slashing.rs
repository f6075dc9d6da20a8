//! What a node's fault costs its delegators, and what its reporter earns.

use nosana_client::{
    Event, actions,
    jobs::{self, types::MarketTerms},
    pda,
    staking::{self, events::Slashed},
};
use nosana_tests::{
    Executed, Refusal,
    terms::{ANY_TERMS, DURATION, NOS, STAKE, batch, terms},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{TENTH, World};

/// The node takes a job, does not start it, and a reporter proves it.
async fn fail_to_start(world: &World, node: &Keypair, nonce: u64, reporter: &Keypair) -> Executed {
    let job = world.list(batch(nonce)).await;
    world.work(node).await;

    world.advance_clock(u64::from(world.job(&job).await.start_seconds) + 1);
    let to = world.token_account(&reporter.pubkey());
    let stored = world.job(&job).await;
    let expire = actions::expire_match(job, &stored, node.pubkey(), world.mint, to);
    let done = world.run(expire, &[]).await;
    world.cancel(&job).await;
    done
}

/// Returns the event of the only slash of a transaction.
pub fn slash_event(done: &Executed) -> Slashed {
    let slashed = done.events().into_iter().find_map(|event| match event {
        Event::Staking(staking::events::Event::Slashed(slashed)) => Some(slashed),
        _ => None,
    });
    slashed.expect("there is an event")
}

fn heavy(penalty: u64) -> MarketTerms {
    // The longest penalty is a sixteenth of a NOS for each second.
    let start_seconds = u32::try_from(penalty / 62_500 + 1).expect("in range");
    MarketTerms {
        collateral_per_job: penalty,
        no_start_penalty: penalty,
        start_seconds: start_seconds.max(terms().start_seconds),
        ..terms()
    }
}

#[tokio::test]
async fn everybody_loses_the_same_part_and_the_reporter_is_paid_from_the_nodes() {
    let world = World::new(heavy(1_000 * NOS)).await;
    let stays = world.wallet().await;
    let leaves = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&stays, node, 3_000 * NOS).await;
    world.delegate(&leaves, node, 1_000 * NOS).await;
    // Leaving does not help: the cooldown is as exposed.
    world.undelegate(&leaves, node).await;
    let reporter = world.wallet().await;
    let before = world.tokens(&reporter).await;
    let supply = world.supply().await;
    let event = slash_event(&fail_to_start(&world, node, 1, &reporter).await);
    // A tenth of the node's 10,000, and so a tenth of the 4,000 that were delegated.
    assert_eq!(
        (event.amount, event.delegated, event.reporter, event.burned),
        (1_000 * NOS, 400 * NOS, 100 * NOS, 1_300 * NOS)
    );
    assert_eq!(world.tokens(&reporter).await - before, 100 * NOS);
    assert_eq!(world.supply().await, supply - 1_300 * NOS);
    assert_eq!(world.tokens_in(&pda::rewards::vault()).await, 0, "stakers earn nothing by it");
    assert_eq!(world.stake_of(node).await.amount, STAKE - 1_000 * NOS);
    assert_eq!(world.delegation_value(&stays, node).await, 2_700 * NOS);
    assert_eq!(world.delegation_value(&leaves, node).await, 900 * NOS);
    let weight = world.stake_of(node).await.delegated_xnos;
    assert_eq!(weight, 4 * 2_700 * NOS, "the audit compares it with the position's");

    world.advance_clock(DURATION);
    assert_eq!(world.withdraw_delegated(&leaves, node).await, 900 * NOS);
}

#[tokio::test]
async fn delegators_never_lose_more_than_the_node_itself_loses_net() {
    let world = World::new(heavy(20 * NOS)).await;
    let who = world.wallet().await;
    let node = world.wallet().await;
    let reporter = world.wallet().await;
    world.run(actions::open_stake(node.pubkey(), world.mint, 40 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&who, &node, 100_000 * NOS).await;
    let event = slash_event(&fail_to_start(&world, &node, 1, &reporter).await);
    assert_eq!((event.amount, event.delegated), (20 * NOS, 18 * NOS), "and not half of 100,000");
    assert_eq!(world.delegation_value(&who, &node).await, (100_000 - 18) * NOS);
}

#[tokio::test]
async fn what_was_withdrawn_is_out_of_reach_and_the_rest_is_released_on() {
    let world = World::new(heavy(1_000 * NOS)).await;
    let who = world.wallet().await;
    let node = &world.node;
    let reporter = world.wallet().await;
    world.accept_delegations(node, 0).await;
    world.delegate(&who, node, 1_000 * NOS).await;
    world.undelegate(&who, node).await;

    world.advance_clock(DURATION / 2);
    assert_eq!(world.withdraw_delegated(&who, node).await, 500 * NOS);
    fail_to_start(&world, node, 1, &reporter).await;
    assert_eq!(world.delegation_value(&who, node).await, 450 * NOS);
    // Of 950 in all a half is released, and 500 are out already.
    let none = actions::withdraw_delegated(who.pubkey(), who.pubkey(), node.pubkey(), world.mint);
    world.refuse(staking::Error::NothingToWithdraw, none, &[&who]).await;

    world.advance_clock(DURATION);
    assert_eq!(world.withdraw_delegated(&who, node).await, 450 * NOS);
}

#[tokio::test]
async fn what_a_reporter_cannot_receive_is_burnt_as_well() {
    let world = World::new(heavy(1_000 * NOS)).await;
    let node = &world.node;
    let job = world.list(batch(1)).await;
    world.work(node).await;

    let stored = world.job(&job).await;
    world.advance_clock(u64::from(stored.start_seconds) + 1);
    for account in [pda::staking::vault(), world.mint] {
        let lost = actions::expire_match(job, &stored, node.pubkey(), world.mint, account);
        world.refuse(Refusal::same_account_twice(jobs::ID), lost, &[]).await;
    }
    let before = world.supply().await;
    let wallet = world.client.pubkey();
    let expire = actions::expire_match(job, &stored, node.pubkey(), world.mint, wallet);
    let event = slash_event(&world.run(expire, &[]).await);
    assert_eq!((event.reporter, event.burned), (0, 1_000 * NOS));
    assert_eq!(world.supply().await, before - 1_000 * NOS);
}

#[tokio::test]
async fn a_client_may_be_the_reporter() {
    let world = World::new(heavy(1_000 * NOS)).await;
    let before = world.tokens(&world.client).await;
    fail_to_start(&world, &world.node, 1, &world.client).await;
    assert_eq!(
        world.tokens(&world.client).await - before,
        100 * NOS,
        "the deposit is back, and a tenth beside it"
    );
}

#[tokio::test]
async fn shares_that_are_worth_nothing_make_room() {
    let world = World::new(MarketTerms { min_xnos: 1, ..heavy(40 * NOS) }).await;
    let who = world.wallet().await;
    let node = world.wallet().await;
    let reporter = world.wallet().await;
    let (key, by) = (node.pubkey(), [&node]);
    world.run(actions::open_stake(key, world.mint, 40 * NOS, DURATION), &by).await;
    world.register(&node).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&who, &node, 30 * NOS).await;
    let event = slash_event(&fail_to_start(&world, &node, 1, &reporter).await);
    assert_eq!((event.amount, event.delegated), (40 * NOS, 30 * NOS), "all of both");
    let more = actions::delegate(who.pubkey(), key, world.mint, NOS, ANY_TERMS);
    world.refuse(staking::Error::WorthlessShares, more, &[&who]).await;
    let end = actions::close_delegation(key, who.pubkey(), key);
    world.refuse(staking::Error::DelegationNotEmpty, end.clone(), &by).await;
    world.run(actions::undelegate(key, who.pubkey(), key), &by).await;
    world.run(end, &by).await;
    world.delegate(&who, &node, 5 * NOS).await;
    assert_eq!(world.delegation_value(&who, &node).await, 5 * NOS);
}

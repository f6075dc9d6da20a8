//! `extend`: the client buys more time.

use nosana_client::{
    actions,
    jobs::{self, instructions::Extend, types::MarketTerms},
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{batch, deposit, earnings, service, terms, verified, verified_terms},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{change_terms, state_and_reason},
};

async fn extend_instruction(world: &World, job: Address, seconds: u64) -> Extend {
    actions::extend(job, &world.job(&job).await, world.client.pubkey(), world.mint, seconds)
}

async fn extend_job(world: &World, job: Address, seconds: u64) {
    let extend = extend_instruction(world, job, seconds).await;
    world.run(extend, &[&world.client]).await;
}

/// What a job of so many seconds costs.
const fn total_cost(seconds: u64) -> u64 {
    let (pay, fee) = earnings(seconds);
    pay + fee
}

pub async fn not_beyond_the_markets_bound_nor_the_payers_means() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let valid = extend_instruction(&world, job, 3_000).await;
    let of = |added_seconds| Extend { added_seconds, ..valid.clone() };
    let client = world.client.pubkey();
    let stranger = world.stranger.pubkey();
    let by = [&world.client];
    let theft = swap(of(1), valid.payer_token, world.token_account(&stranger));

    world
        .refuse_all([
            case("no time", jobs::Error::TimeoutOutOfRange, of(0), &by),
            case("a second too many", jobs::Error::TimeoutOutOfRange, of(3_001), &by),
            case("more than there is", jobs::Error::Overflow, of(u64::MAX), &by),
            case("more than can be paid", jobs::Error::Overflow, of(u64::MAX / 47), &by),
            case(
                "by a stranger",
                jobs::Error::NotClient,
                Extend { client: stranger, ..valid.clone() },
                &[&world.client, &world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &by,
            ),
            case(
                "into another vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &by,
            ),
            case(
                "with the tokens of another",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                theft,
                &by,
            ),
            case(
                "from the vault into itself",
                Refusal::same_account_twice(jobs::ID),
                swap(of(1), valid.payer_token, valid.vault),
                &by,
            ),
        ])
        .await;

    world.close_tokens(&world.client).await;
    let tokens = world.open_tokens(&world.client).await;
    world.refuse(Refusal::too_few_tokens(), of(1), &by).await;
    world.donate(&world.stranger, &tokens, total_cost(3_600)).await;
    change_terms(&world, MarketTerms { max_timeout_seconds: 700, ..terms() }).await;
    world.refuse(jobs::Error::TimeoutOutOfRange, of(101), &by).await;
    world.run(of(100), &by).await;
    world
}

pub async fn not_once_a_clock_has_run_out() -> World {
    let world = World::new(terms()).await;
    let over = world.list(batch(1)).await;
    let silent = world.list(batch(2)).await;
    let served = world.list(service(3)).await;
    world.work_and_start(&world.node, &over).await;
    world.work_and_start(&world.node, &silent).await;
    world.work_and_start(&world.other_node, &served).await;

    world.advance_clock(60);
    let by = [&world.client];
    world.heartbeat(&world.node, &over).await;
    world.heartbeat(&world.other_node, &served).await;

    world.advance_clock(1);
    world
        .refuse(jobs::Error::DeadlinePassed, extend_instruction(&world, silent, 60).await, &by)
        .await;
    for _ in 0..10 {
        world.advance_clock(53);
        world.heartbeat(&world.node, &over).await;
        world.heartbeat(&world.other_node, &served).await;
    }

    world.advance_clock(8);
    world
        .refuse(
            jobs::Error::TimeoutOutOfRange,
            extend_instruction(&world, served, 3_001).await,
            &by,
        )
        .await;

    world.advance_clock(1);
    world
        .refuse(jobs::Error::DeadlinePassed, extend_instruction(&world, served, 60).await, &by)
        .await;

    world.advance_clock(31);
    world.heartbeat(&world.node, &over).await;
    world
        .refuse(jobs::Error::DeadlinePassed, extend_instruction(&world, over, 60).await, &by)
        .await;
    world.expire_run(&over, &world.node).await;
    world.refuse(jobs::Error::WrongState, extend_instruction(&world, over, 60).await, &by).await;
    world
}

#[tokio::test]
async fn a_job_is_extended_as_long_as_nobody_has_ended_it() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    let mut seconds = 600;
    // Each second alone: fees are rounded on the whole, not on the parts.
    for added in [1, 1, 1, 97] {
        extend_job(&world, job, added).await;
        seconds += added;
        let stored = world.job(&job).await;
        assert_eq!((stored.timeout_seconds, stored.escrow), (seconds, total_cost(seconds)));
        assert_eq!(
            (state_and_reason(&stored).0, world.waiting().await),
            (State::Queued, vec![job]),
            "it keeps its place"
        );
    }
    world.work(&world.node).await;
    extend_job(&world, job, 100).await;
    world.start(&world.node, &job).await;
    extend_job(&world, job, 100).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.quit(&world.node, &job).await;
    extend_job(&world, job, 100).await;
    assert_eq!(world.job(&job).await.timeout_seconds, 1_000);
    assert_eq!(world.tokens(&world.client).await, before - total_cost(1_000));
    world.work_and_start(&world.other_node, &job).await;
    world.heartbeat_for(1_000, &world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
    assert_eq!(
        world.tokens(&world.client).await,
        before - total_cost(1_000),
        "all of it was earned"
    );
}

#[tokio::test]
async fn a_matched_job_is_extended() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let job = world.list(batch(1)).await;
    let read = world.job(&job).await;
    extend_job(&world, job, 300).await;
    assert_eq!(state_and_reason(&world.job(&job).await).0, State::Matched);
    // A node that read it before gets no less time than it has read.
    world.run(actions::start(world.node.pubkey(), job, &read), &[&world.node]).await;
    assert_eq!(world.job(&job).await.promised_seconds, 900);
    extend_job(&world, job, 300).await;
    assert_eq!(
        world.job(&job).await.promised_seconds,
        900,
        "the node did not promise what was added later"
    );
}

#[tokio::test]
async fn the_budget_pays_first() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    let due = total_cost(700) - total_cost(600);
    let top_up =
        actions::top_up(world.stranger.pubkey(), job, &world.job(&job).await, world.mint, due + 10);
    world.run(top_up, &[&world.stranger]).await;
    let before = world.tokens(&world.client).await;
    extend_job(&world, job, 100).await;
    let stored = world.job(&job).await;
    assert_eq!((stored.budget, stored.escrow), (10, total_cost(700) + 10));
    assert_eq!(world.tokens(&world.client).await, before, "the budget sufficed");
    let due = total_cost(800) - total_cost(700);
    extend_job(&world, job, 100).await;
    assert_eq!(
        world.tokens(&world.client).await,
        before - (due - 10),
        "the client pays what the budget does not"
    );
    let stored = world.job(&job).await;
    assert_eq!((stored.budget, stored.escrow), (0, total_cost(800)));
}

pub async fn somebody_else_may_pay_and_the_payer_is_refunded() -> World {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    let (client, sponsor) =
        (world.tokens(&world.client).await, world.tokens(&world.stranger).await);
    let payer = world.stranger.pubkey();
    let extend = actions::extend(job, &world.job(&job).await, payer, world.mint, 100);
    let unpaid = unsigned(extend.clone(), payer);
    world.refuse(Refusal::unsigned(), unpaid, &[&world.client]).await;
    world.run(extend, &[&world.client, &world.stranger]).await;
    assert_eq!(world.tokens(&world.stranger).await, sponsor - (total_cost(700) - deposit()));
    world.cancel(&job).await;
    assert_eq!(world.tokens(&world.client).await, client + total_cost(700));
    world
}

#[tokio::test]
async fn an_extension_counts_as_a_heartbeat() {
    let world = World::new(terms()).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(50, &world.node, &job).await;

    world.advance_clock(60);
    extend_job(&world, job, 60).await;

    world.advance_clock(60);
    world.heartbeat(&world.node, &job).await;
    assert_eq!(world.job(&job).await.timeout_seconds, 660);
    world.heartbeat_for(489, &world.node, &job).await;

    world.advance_clock(1);
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
}

#[tokio::test]
async fn a_service_is_extended_in_its_last_second_and_paid_to_the_new_end() {
    let world = World::new(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(599, &world.node, &job).await;

    extend_job(&world, job, 60).await;
    let stored = world.job(&job).await;
    assert_eq!((stored.timeout_seconds, stored.escrow), (660, total_cost(660)));
    assert_eq!(world.tokens(&world.client).await, client - total_cost(660));

    // The old end is past, and nobody can end the run at it.
    world.heartbeat_for(60, &world.node, &job).await;
    let early = actions::expire_run(world.stranger.pubkey(), job, &stored, world.node.pubkey());
    world.refuse(jobs::Error::TooEarly, early, &[&world.stranger]).await;

    world.advance_clock(1);
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.node).await, node + earnings(660).0);
    assert_eq!(world.tokens(&world.client).await, client - total_cost(660), "nothing is left over");
}

/// What is at stake in a dispute was fixed with the timeout.
pub async fn not_a_verified_job() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.list(verified(1)).await;
    let by = [&world.client];
    let waiting = extend_instruction(&world, job, 60).await;
    world.refuse(jobs::Error::FixedTimeout, waiting, &by).await;
    world.work_and_start(&world.node, &job).await;
    let running = extend_instruction(&world, job, 60).await;
    world.refuse(jobs::Error::FixedTimeout, running, &by).await;
    world
}

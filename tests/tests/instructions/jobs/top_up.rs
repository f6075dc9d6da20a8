//! `top_up`: anyone adds to a job's budget.

use nosana_client::{
    Event, actions,
    jobs::{self, instructions::TopUp},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{INITIAL_BALANCE, NOS, batch, challenged, deposit, earnings, terms},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

async fn top_up_instruction(world: &World, job: Address, amount: u64) -> TopUp {
    actions::top_up(world.stranger.pubkey(), job, &world.job(&job).await, world.mint, amount)
}

#[tokio::test]
async fn what_is_left_of_a_budget_goes_to_the_payer() {
    let world = World::new(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    let done = world.run(top_up_instruction(&world, job, NOS).await, &[&world.stranger]).await;
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::JobToppedUp(added))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((added.amount, added.budget), (NOS, NOS));
    world.work(&world.node).await;
    world.run(top_up_instruction(&world, job, 1).await, &[&world.stranger]).await;
    world.start(&world.node, &job).await;
    world.run(top_up_instruction(&world, job, 1).await, &[&world.stranger]).await;
    let stored = world.job(&job).await;
    assert_eq!((stored.budget, stored.escrow), (NOS + 2, deposit() + NOS + 2));
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    let (pay, fee) = earnings(100);
    assert_eq!(world.tokens(&world.node).await, node + pay, "the node earns its time, and no gift");
    assert_eq!(world.tokens(&world.client).await, client - pay - fee + NOS + 2);
    assert_eq!(world.tokens(&world.stranger).await, INITIAL_BALANCE - NOS - 2);
    assert_eq!(world.job(&job).await.budget, 0);
}

#[tokio::test]
async fn a_budget_stays_with_a_job_that_is_queued_again_and_returns_with_one_that_is_cancelled() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.run(top_up_instruction(&world, job, NOS).await, &[&world.stranger]).await;
    world.start(&world.node, &job).await;
    world.quit(&world.node, &job).await;
    assert_eq!(world.job(&job).await.budget, NOS);
    world.cancel(&job).await;
    assert_eq!(world.tokens(&world.client).await, before + NOS);
}

pub async fn not_of_zero_not_elsewhere_and_not_after_the_end() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let valid = top_up_instruction(&world, job, NOS).await;
    let of = |amount| TopUp { amount, ..valid.clone() };
    let (stranger, by) = (world.stranger.pubkey(), [&world.stranger]);

    world
        .refuse_all([
            case("nothing", jobs::Error::ZeroAmount, of(0), &by),
            case("more than there is", jobs::Error::Overflow, of(u64::MAX), &by),
            case(
                "more than the giver has",
                Refusal::too_few_tokens(),
                of(INITIAL_BALANCE + 1),
                &by,
            ),
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
                "from the vault into itself",
                Refusal::same_account_twice(jobs::ID),
                swap(valid.clone(), valid.source, valid.vault),
                &by,
            ),
            case(
                "with the tokens of another",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                swap(valid.clone(), valid.source, world.token_account(&world.client.pubkey())),
                &by,
            ),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), stranger), &[]),
        ])
        .await;

    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid.clone(), &by).await;

    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}

//! `assign`: a client lists a job for one waiting node.

use nosana_client::{
    actions::{self, JobListing},
    jobs::{self, instructions::Assign, types::MarketTerms},
    pda,
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{change_terms, first_slot_state, state_and_reason},
};

/// Assigns a job to the node where it waits.
async fn assign(world: &World, order: JobListing, node: &Keypair) -> Assign {
    let client = world.client.pubkey();
    let node = pda::jobs::node(&node.pubkey());
    let cell = world.cell(&node).await;
    actions::assign(client, client, world.market, world.mint, order, (node, cell))
}

pub async fn matches_the_chosen_node_out_of_turn() -> World {
    let world = World::new(terms()).await;
    let [first, chosen] = [&world.node, &world.other_node];
    world.work(first).await;
    world.work(chosen).await;
    let assign = assign(&world, batch(1), chosen).await;
    let job = assign.job;
    world.run(assign, &[&world.client]).await;
    let stored = world.job(&job).await;
    assert_eq!(state_and_reason(&stored), (State::Matched, Reason::None));
    assert_eq!((stored.node, stored.matched_at), (pda::jobs::node(&chosen.pubkey()), world.now()));
    assert_eq!(world.waiting().await, [pda::jobs::node(&first.pubkey())], "the first one waits on");
    let start = actions::start(first.pubkey(), job, &stored);
    world.refuse(jobs::Error::NotThisNode, start, &[first]).await;
    world.start(chosen, &job).await;
    world.finish(chosen, &job).await;
    let next = world.list(batch(2)).await;
    assert_eq!(world.job(&next).await.node, pda::jobs::node(&first.pubkey()));
    world
}

pub async fn it_requires_all_that_list_requires() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    world.work(&world.node).await;
    let (client, by) = (world.client.pubkey(), [&world.client]);
    let valid = assign(&world, batch(1), &world.node).await;
    let with = |change: fn(&mut Assign)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger = world.token_account(&world.stranger.pubkey());

    world
        .refuse_all([
            case(
                "no definition",
                jobs::Error::EmptyDigest,
                with(|it| it.definition = [0; 32]),
                &by,
            ),
            case("an unknown kind", jobs::Error::UnknownKind, with(|it| it.kind = 3), &by),
            case("no time", jobs::Error::TimeoutOutOfRange, with(|it| it.timeout_seconds = 0), &by),
            case(
                "too much time",
                jobs::Error::TimeoutOutOfRange,
                with(|it| it.timeout_seconds = 3_601),
                &by,
            ),
            case(
                "too dear",
                jobs::Error::PriceAboveMaximum,
                with(|it| it.max_price_per_second = 46),
                &by,
            ),
            case("another place", Refusal::wrong_seeds(), with(|it| it.nonce = 2), &by),
            case(
                "the queue of another market",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "the vault of another market",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &by,
            ),
            case(
                "the tokens of another",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                swap(valid.clone(), valid.payer_token, stranger),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

pub async fn the_node_waits_there_and_its_price_is_paid() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    let by = [&world.client];
    let valid = assign(&world, batch(1), &world.node).await;
    let with = |change: &dyn Fn(&mut Assign)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger = world.stranger.pubkey();

    world
        .refuse_all([
            case(
                "the cell of another",
                jobs::Error::NotInQueue,
                with(&|it| it.node_cell += 1),
                &by,
            ),
            case("an empty cell", jobs::Error::NotInQueue, with(&|it| it.node_cell = 2), &by),
            case(
                "beyond the queue",
                jobs::Error::NotInQueue,
                with(&|it| it.node_cell = u32::MAX),
                &by,
            ),
            case("not a node", jobs::Error::NotInQueue, with(&|it| it.node = stranger), &by),
            case(
                "no node",
                jobs::Error::NotInQueue,
                with(&|it| (it.node, it.node_cell) = Default::default()),
                &by,
            ),
        ])
        .await;

    world.leave(&world.node).await;
    world.refuse(jobs::Error::NotInQueue, valid, &by).await;
    world.leave(&world.other_node).await;
    let waiting = world.list(batch(2)).await;
    let client = world.client.pubkey();
    let a_job = actions::assign(
        client,
        client,
        world.market,
        world.mint,
        batch(1),
        (waiting, world.cell(&waiting).await),
    );
    world.refuse(jobs::Error::NotInQueue, a_job, &by).await;
    world.cancel(&waiting).await;

    world.run(actions::work(world.node.pubkey(), world.market, 47), &[&world.node]).await;
    change_terms(&world, MarketTerms { price_per_second: 46, ..terms() }).await;
    let cheap = assign(&world, batch(3), &world.node).await;
    world.refuse(jobs::Error::PriceBelowMinimum, cheap, &by).await;
    assert_eq!(first_slot_state(&world, &world.node).await, SlotState::Waiting);
    world
}

#[tokio::test]
async fn a_node_that_does_not_consent_gives_it_back() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let valid = assign(&world, batch(1), &world.node).await;
    world.run(valid.clone(), &[&world.client]).await;
    world.quit(&world.node, &valid.job).await;
    assert_eq!(world.waiting().await, [valid.job], "it is queued like any other");
    world.work_and_start(&world.other_node, &valid.job).await;

    world.work(&world.node).await;
    let never = assign(&world, batch(2), &world.node).await;
    world.run(never.clone(), &[&world.client]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&never.job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, terms().no_start_penalty);
}

//! A market that is opened where one was closed, under the same address.

use nosana_client::{actions, jobs, pda, token};
use nosana_protocol::{
    job::{Reason, State},
    queue::Fifo,
};
use nosana_tests::{
    Chain, Refusal,
    terms::{MARKET_DEPOSIT, batch, challenged, earnings, terms},
    world::case,
};
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{retire_market, state_and_reason, stored_market},
};

fn close_market(world: &World) -> Instruction {
    actions::close_market(world.deployer.pubkey(), world.mint, world.market).into()
}

/// A world whose market has seen jobs and nodes and is ready to be closed. The job is settled, and
/// not cleaned yet.
async fn used_market() -> (World, Address) {
    let world = World::new(terms()).await;
    let done = world.list(batch(1)).await;
    let taken = world.list(batch(2)).await;
    world.work_and_start(&world.node, &done).await;
    world.heartbeat_for(10, &world.node, &done).await;
    world.finish(&world.node, &done).await;
    world.work(&world.node).await;
    world.quit(&world.node, &taken).await;
    world.cancel(&taken).await;
    world.sweep_fees().await;
    retire_market(&world, world.market).await;
    (world, done)
}

/// The market is as new, and jobs live and end in it.
async fn check_new(world: &World) {
    let stored = stored_market(world).await;
    assert_eq!((stored.terms, stored.retired, stored.deposit), (challenged(), 0, MARKET_DEPOSIT));
    assert_eq!((stored.announced_from, stored.collection_since), (0, 0));
    let queue = world.queue().await;
    assert_eq!((queue.capacity, queue.fifo), (200, Fifo::EMPTY));
    assert_eq!(
        (queue.header.jobs_listed, queue.header.fees_accrued, queue.header.credits_owed),
        (0, 0, 0)
    );
    let before = world.tokens(&world.other_node).await;
    let (job, withdrawn) = (world.list(batch(11)).await, world.list(batch(12)).await);
    world.work_and_start(&world.other_node, &job).await;
    world.heartbeat_for(100, &world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;

    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&job).await;
    world.cancel(&withdrawn).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.other_node).await, before + earnings(100).0);
}

#[tokio::test]
async fn it_is_opened_again_later() {
    let (world, old) = used_market().await;
    world.run(close_market(&world), &[&world.deployer]).await;

    world.advance_clock(10_000);
    assert_eq!(world.open_market(1, challenged()).await, world.market);
    check_new(&world).await;
    world.clean(&old).await;
}

#[tokio::test]
async fn it_is_opened_again_in_the_same_transaction() {
    let (world, old) = used_market().await;
    let tokens = world.tokens(&world.deployer).await;
    let lamports = world.lamports(&world.deployer.pubkey()).await;
    let from = world.token_account(&world.stranger.pubkey());
    let vault = pda::jobs::vault(&world.market);
    let gift = token::transfer_tokens(&from, &vault, &world.mint, &world.stranger.pubkey(), 77)
        .expect("valid");
    let transaction =
        [gift, close_market(&world), world.open_market_instruction(1, challenged()).into()];
    world
        .attempt_all(&transaction, &[&world.deployer, &world.stranger])
        .await
        .expect("all succeed");
    assert_eq!(
        world.tokens(&world.deployer).await,
        tokens + 77,
        "the old deposit and the new one are the same"
    );
    assert_eq!(world.lamports(&world.deployer.pubkey()).await, lamports, "and so are the rents");
    assert_eq!(world.tokens_in(&pda::jobs::vault(&world.market)).await, MARKET_DEPOSIT);
    check_new(&world).await;
    world.clean(&old).await;
}

#[tokio::test]
async fn lamports_sent_on_its_heels_revive_nothing() {
    let (world, old) = used_market().await;
    let stranger = world.stranger.pubkey();
    let alive = |to| {
        let mut data = vec![2, 0, 0, 0];
        data.extend(10_000_000_u64.to_le_bytes());
        let accounts = [stranger, to].map(|address| AccountMeta::new(address, address == stranger));
        Instruction { program_id: Address::default(), accounts: accounts.into(), data }
    };
    let [queue, vault] = [pda::jobs::queue(&world.market), pda::jobs::vault(&world.market)];
    let transaction = [close_market(&world), alive(world.market), alive(queue), alive(vault)];
    world
        .attempt_all(&transaction, &[&world.deployer, &world.stranger])
        .await
        .expect("the transfers succeed");
    for address in [world.market, queue, vault] {
        let account = Chain::account(&world.chain, &address).await.expect("it has lamports");
        assert_eq!((account.owner, account.data.len()), (Address::default(), 0));
    }
    let list = actions::list(stranger, stranger, world.market, world.mint, batch(1));
    world.refuse(Refusal::wrong_owner(), list, &[&world.stranger]).await;
    world
        .attempt(world.open_market_instruction(1, challenged()), &[&world.deployer])
        .await
        .expect("it can still be opened");
    check_new(&world).await;
    world.clean(&old).await;
}

pub async fn what_ended_in_the_old_one_moves_no_money_of_the_new_one() -> World {
    let (world, old) = used_market().await;
    world.run(close_market(&world), &[&world.deployer]).await;
    world.open_market(1, challenged()).await;
    world.list(batch(3)).await;
    let stored = world.job(&old).await;
    let stranger = world.stranger.pubkey();
    let (client, node) = (world.client.pubkey(), world.node.pubkey());
    let mine = world.token_account(&client);
    let theirs = world.token_account(&node);

    world
        .refuse_all([
            case(
                "settle",
                jobs::Error::WrongState,
                actions::settle(stranger, old, &stored, node),
                &[&world.stranger],
            ),
            case(
                "cancel",
                jobs::Error::WrongState,
                actions::cancel(old, &stored, 0),
                &[&world.client],
            ),
            case(
                "collect",
                jobs::Error::NothingToCollect,
                actions::collect(client, old, &stored, mine),
                &[&world.client],
            ),
            case(
                "collect for the node",
                jobs::Error::NothingToCollect,
                actions::collect(node, old, &stored, theirs),
                &[&world.node],
            ),
        ])
        .await;
    world
}

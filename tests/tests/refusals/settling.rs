//! What anyone may do once a clock has run out, and what only the payees may.

use nosana_client::{actions, jobs, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use super::running::wrong_accounts;
use crate::World;

pub async fn expire_match() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let (taken, waiting) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work(&world.node).await;
    let (owner, another) = (world.node.pubkey(), world.other_node.pubkey());
    let (stored, sink) = (world.job(&taken).await, world.sink());
    let valid = actions::expire_match(taken, &stored, owner, sink);
    let not_taken = actions::expire_match(waiting, &world.job(&waiting).await, owner, sink);
    world.refuse(jobs::Error::TooEarly, valid.clone(), &[]).await;
    world.pass(121);
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), &[]);
    let stranger = world.token_account(&world.stranger.pubkey());
    let position = pda::rewards::position(&world.staker.pubkey());
    let account = || jobs::Error::WrongAccount.into();
    world
        .refuse_all([
            case("a job that waits", jobs::Error::NoSuchSlot, not_taken, &[]),
            case(
                "the node of another",
                jobs::Error::NoSuchSlot,
                actions::expire_match(taken, &stored, another, sink),
                &[],
            ),
            wrong("another market", jobs::Error::WrongMarket.into(), world.market, other),
            wrong("another queue", account(), valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", account(), valid.vault, pda::jobs::vault(&other)),
            wrong("a refund to another", account(), valid.payer_token, stranger),
            wrong("the stake of another", account(), valid.stake, pda::staking::stake(&another)),
            wrong(
                "from another vault",
                staking::Error::WrongAccount.into(),
                valid.stake_vault,
                stranger,
            ),
            wrong("to a stranger", rewards::Error::WrongAccount.into(), valid.pool_vault, stranger),
            wrong(
                "with another position",
                staking::Error::WrongAccount.into(),
                valid.position,
                position,
            ),
            wrong(
                "through another program",
                Refusal::wrong_address(jobs::ID),
                staking::ID,
                jobs::ID,
            ),
            wrong("to another program", Refusal::wrong_address(jobs::ID), rewards::ID, jobs::ID),
            wrong(
                "to another pool",
                Refusal::wrong_address(jobs::ID),
                pda::rewards::pool(),
                pda::jobs::node(&another),
            ),
            wrong(
                "with another signer",
                Refusal::wrong_address(jobs::ID),
                pda::jobs::authority(),
                another,
            ),
            wrong(
                "with another configuration",
                Refusal::wrong_address(jobs::ID),
                pda::staking::config(),
                another,
            ),
        ])
        .await;
    world.start(&world.node, &taken).await;
    let running = actions::expire_match(taken, &world.job(&taken).await, owner, sink);
    world.refuse(jobs::Error::WrongState, running, &[]).await;
    world.cancel(&waiting).await;
    world.work(&world.other_node).await;
    let matched = world.list(batch(3)).await;
    let stored = world.job(&matched).await;
    let early = actions::expire_match(matched, &stored, another, sink);
    world.refuse(jobs::Error::TooEarly, early, &[]).await;
    let stolen = actions::expire_match(matched, &stored, owner, sink);
    world.refuse(jobs::Error::NotThisNode, stolen, &[]).await;
    world
}

pub async fn settle() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let (owner, stranger, by) = (world.node.pubkey(), world.stranger.pubkey(), [&world.stranger]);
    let running = actions::settle(stranger, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::WrongState, running, &by).await;
    world.pass(30);
    world.finish(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::settle(stranger, job, &stored, owner);
    let other_node = actions::settle(stranger, job, &stored, world.other_node.pubkey());
    world.refuse(jobs::Error::TooEarly, valid.clone(), &by).await;
    world.pass(600);
    world
        .refuse_all([
            case("with another node", jobs::Error::NotThisNode, other_node, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), stranger), &[]),
        ])
        .await;
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.settle(&job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}

pub async fn collect() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    for wallet in [&sponsor, &world.node] {
        world.close_tokens(wallet).await;
    }
    let running = actions::collect(
        sponsor.pubkey(),
        job,
        &world.job(&job).await,
        world.token_account(&world.client.pubkey()),
    );
    world.refuse(jobs::Error::NothingToCollect, running, &[&sponsor]).await;
    world.finish(&world.node, &job).await;
    let stored = world.job(&job).await;
    let tokens = world.token_account(&world.stranger.pubkey());
    let collect = |wallet, to| actions::collect(wallet, job, &stored, to);
    let valid = collect(sponsor.pubkey(), tokens);
    let (client, stranger, node) =
        (world.client.pubkey(), world.stranger.pubkey(), world.node.pubkey());
    let vault = pda::jobs::vault(&world.market);
    let without_node = jobs::instructions::Collect { node: None, ..collect(node, tokens) };
    let own_node = jobs::instructions::Collect {
        node: Some(pda::jobs::node(&world.other_node.pubkey())),
        ..collect(world.other_node.pubkey(), tokens)
    };
    let other_mint = world.new_mint().await;
    world
        .refuse_all([
            case(
                "a stranger",
                jobs::Error::NothingToCollect,
                collect(stranger, tokens),
                &[&world.stranger],
            ),
            case(
                "the client, who did not pay",
                jobs::Error::NothingToCollect,
                collect(client, tokens),
                &[&world.client],
            ),
            case(
                "the node without its node",
                jobs::Error::NothingToCollect,
                without_node,
                &[&world.node],
            ),
            case("another node", jobs::Error::NothingToCollect, own_node, &[&world.other_node]),
            case(
                "to a closed account",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), stored.payer_token),
                &[&sponsor],
            ),
            case(
                "to a wallet",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), client),
                &[&sponsor],
            ),
            case(
                "to a mint",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), other_mint),
                &[&sponsor],
            ),
            case(
                "to the vault",
                Refusal::same_account_twice(jobs::ID),
                collect(sponsor.pubkey(), vault),
                &[&sponsor],
            ),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[&sponsor],
            ),
            case(
                "from another vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), vault, pda::jobs::vault(&other)),
                &[&sponsor],
            ),
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &[&sponsor],
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(valid.clone(), sponsor.pubkey()),
                &[],
            ),
        ])
        .await;
    world.collect(&sponsor, &job, &tokens).await;
    world.refuse(jobs::Error::NothingToCollect, valid, &[&sponsor]).await;
    world.collect(&world.node, &job, &tokens).await;
    world
}

pub async fn clean() -> World {
    let world = World::new(terms()).await;
    let sponsor = world.wallet().await;
    let (job, owing) =
        (world.list(batch(1)).await, world.list_for(&world.client, &sponsor, batch(2)).await);
    let open = actions::clean(job, &world.job(&job).await);
    world.refuse(jobs::Error::WrongState, open.clone(), &[]).await;
    world.cancel(&job).await;
    world.refuse(jobs::Error::TooEarly, open.clone(), &[]).await;
    world.close_tokens(&sponsor).await;
    world.cancel(&owing).await;
    world.pass(300);
    let thief = world.stranger.pubkey();
    world
        .refuse_all([
            case(
                "while it owes",
                jobs::Error::JobNotEmpty,
                actions::clean(owing, &world.job(&owing).await),
                &[],
            ),
            case(
                "to a stranger",
                jobs::Error::WrongAccount,
                swap(open.clone(), world.client.pubkey(), thief),
                &[],
            ),
            case(
                "a queue",
                Refusal::wrong_type(),
                swap(open.clone(), job, pda::jobs::queue(&world.market)),
                &[],
            ),
        ])
        .await;
    world.clean(&job).await;
    world.refuse(Refusal::too_small(), open, &[]).await;
    world
}

//! `expire_match`: anyone undoes a match whose node did not start.

use nosana_client::{actions, jobs, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let (taken, waiting) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work(&world.node).await;
    let (owner, another) = (world.node.pubkey(), world.other_node.pubkey());
    let stored = world.job(&taken).await;
    let sink = world.nonexistent_account();
    let valid = actions::expire_match(taken, &stored, owner, world.mint, sink);
    let not_taken =
        actions::expire_match(waiting, &world.job(&waiting).await, owner, world.mint, sink);
    world.refuse(jobs::Error::TooEarly, valid.clone(), &[]).await;

    world.advance_clock(121);
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
                actions::expire_match(taken, &stored, another, world.mint, sink),
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
            wrong("another mint", staking::Error::WrongAccount.into(), valid.nos_mint, stranger),
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

    world.set_clock(world.now() - 121);
    world.start(&world.node, &taken).await;
    let running = actions::expire_match(taken, &world.job(&taken).await, owner, world.mint, sink);
    world.refuse(jobs::Error::WrongState, running, &[]).await;
    world.cancel(&waiting).await;
    world.work(&world.other_node).await;
    let matched = world.list(batch(3)).await;
    let stored = world.job(&matched).await;
    let early = actions::expire_match(matched, &stored, another, world.mint, sink);
    world.refuse(jobs::Error::TooEarly, early, &[]).await;
    let stolen = actions::expire_match(matched, &stored, owner, world.mint, sink);
    world.refuse(jobs::Error::NotThisNode, stolen, &[]).await;
    world
}

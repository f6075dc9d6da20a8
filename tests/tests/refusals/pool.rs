//! The reward pool.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn enter() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let valid = actions::enter(owner);
    world.refuse(Refusal::not_there(), valid.clone(), &by).await;
    world.stake(&world.client).await;
    let others = swap(valid.clone(), valid.stake, pda::staking::stake(&world.staker.pubkey()));
    let elsewhere =
        swap(valid.clone(), valid.position, pda::rewards::position(&world.stranger.pubkey()));
    world
        .refuse_all([
            case("with another's stake", rewards::Error::NotOwner, others, &by),
            case("in another's position", Refusal::wrong_seeds(), elsewhere, &by),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "with a pool that is none",
                Refusal::wrong_owner(),
                swap(valid.clone(), pda::rewards::pool(), pda::jobs::node(&world.node.pubkey())),
                &by,
            ),
        ])
        .await;
    let early = world.wallet().await;
    world.stake(&early).await;
    world.run(actions::unstake(early.pubkey()), &[&early]).await;
    world.refuse(rewards::Error::NoWeight, actions::enter(early.pubkey()), &[&early]).await;
    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn sync() -> World {
    let world = World::new(terms()).await;
    let valid = actions::sync(world.staker.pubkey());
    let other = pda::staking::stake(&world.node.pubkey());
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;
    world
        .refuse_all([
            case(
                "with another's stake",
                rewards::Error::WrongStake,
                swap(valid.clone(), valid.stake, other),
                &[],
            ),
            case(
                "with no stake",
                rewards::Error::WrongStake,
                swap(valid.clone(), valid.stake, world.mint),
                &[],
            ),
            case(
                "a stake as the position",
                Refusal::wrong_owner(),
                swap(valid.clone(), valid.position, other),
                &[],
            ),
            case(
                "the pool as the position",
                Refusal::same_account_twice(rewards::ID),
                swap(valid.clone(), valid.position, pda::rewards::pool()),
                &[],
            ),
        ])
        .await;
    world
}

pub async fn fund() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let fund = |amount| actions::fund(owner, world.mint, amount);
    let valid = fund(NOS);
    world.run(valid.clone(), &by).await;
    let theft = swap(valid.clone(), valid.source, world.token_account(&world.stranger.pubkey()));
    world
        .refuse_all([
            case("more than there is", Refusal::too_few_tokens(), fund(u64::MAX / 2), &by),
            case("beyond all numbers", rewards::Error::Overflow, fund(u64::MAX), &by),
            case(
                "to another vault",
                rewards::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::staking::vault()),
                &by,
            ),
            case(
                "from the pool itself",
                Refusal::same_account_twice(rewards::ID),
                swap(valid.clone(), valid.source, valid.vault),
                &by,
            ),
            case("from another", Refusal::Program(nosana_client::token::PROGRAM, 4), theft, &by),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;
    world
}

pub async fn claim() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let valid = actions::claim(owner, world.mint);
    world.refuse(rewards::Error::NothingToClaim, valid.clone(), &by).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, NOS), &[&world.client]).await;
    world.refuse(rewards::Error::NothingToClaim, valid.clone(), &by).await;
    world.pass(2 * EPOCH);
    let theft = swap(valid.clone(), owner, world.stranger.pubkey());
    world
        .refuse_all([
            case("another's", rewards::Error::NotOwner, theft, &[&world.stranger]),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "from the stakes",
                rewards::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::staking::vault()),
                &by,
            ),
            case(
                "to the pool",
                Refusal::same_account_twice(rewards::ID),
                swap(valid.clone(), valid.destination, valid.vault),
                &by,
            ),
        ])
        .await;
    world.claim(&world.staker).await;
    world.refuse(rewards::Error::NothingToClaim, valid, &by).await;
    world.pass(DURATION);
    world
}

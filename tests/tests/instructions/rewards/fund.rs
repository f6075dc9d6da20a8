//! `fund`: anyone pays into the pool.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let fund = |amount| actions::fund(owner, world.mint, amount);
    let valid = fund(NOS);
    world.run(valid.clone(), &by).await;
    let theft = swap(valid.clone(), valid.source, world.token_account(&world.stranger.pubkey()));

    world
        .refuse_all([
            case("more than there is", Refusal::too_few_tokens(), fund(u64::MAX / 2), &by),
            case("an amount that overflows", rewards::Error::Overflow, fund(u64::MAX), &by),
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

//! `claim`: the owner takes what the position has earned.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let valid = actions::claim(owner, world.mint);
    world.refuse(rewards::Error::NothingToClaim, valid.clone(), &by).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, NOS), &[&world.client]).await;
    world.refuse(rewards::Error::NothingToClaim, valid.clone(), &by).await;

    world.advance_clock(2 * EPOCH);
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
                "with another's stake",
                rewards::Error::WrongStake,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.node.pubkey())),
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

    world.advance_clock(DURATION);
    world
}

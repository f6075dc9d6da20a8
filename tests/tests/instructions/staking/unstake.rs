//! `unstake`: the owner starts the cooldown.

use nosana_client::{actions, pda, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let unstake = actions::unstake(owner);
    let position = pda::rewards::position(&world.node.pubkey());

    world
        .refuse_all([
            case(
                "another's",
                staking::Error::NotOwner,
                swap(unstake.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(unstake.clone(), owner), &[]),
            case(
                "with another position",
                staking::Error::WrongAccount,
                swap(unstake.clone(), unstake.position, position),
                &by,
            ),
        ])
        .await;

    world.run(unstake.clone(), &by).await;

    world.advance_clock(DURATION / 2);
    world.refuse(staking::Error::AlreadyUnstaked, unstake, &by).await;
    world
}

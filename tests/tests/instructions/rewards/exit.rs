//! `exit`: the owner closes the position and takes what it has earned.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::{EPOCH, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (staker, by) = (world.staker.pubkey(), [&world.staker]);
    let exit = actions::exit(staker, world.mint);
    let theft = swap(exit.clone(), staker, world.stranger.pubkey());
    let others = swap(exit.clone(), exit.stake, pda::staking::stake(&world.node.pubkey()));

    world
        .refuse_all([
            case("another's exit", rewards::Error::NotOwner, theft, &[&world.stranger]),
            case("with another's stake", rewards::Error::WrongStake, others, &by),
            case("unsigned", Refusal::unsigned(), unsigned(exit.clone(), staker), &[]),
        ])
        .await;

    world.run(exit.clone(), &by).await;
    world.refuse(Refusal::too_small(), exit, &by).await;

    world.advance_clock(EPOCH);
    world
}

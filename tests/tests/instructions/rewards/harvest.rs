//! `harvest`: the stake takes what the position of its delegations has earned.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let stranger = world.stranger.pubkey();
    let harvest = actions::harvest(world.node.pubkey(), world.mint);
    let other_stake = pda::staking::stake(&world.staker.pubkey());

    world
        .refuse_all([
            case(
                "another's harvest",
                rewards::Error::NotOwner,
                swap(harvest.clone(), harvest.owner, stranger),
                &[&world.stranger],
            ),
            case(
                "another stake",
                rewards::Error::WrongStake,
                swap(harvest.clone(), harvest.stake, other_stake),
                &[&world.node],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(harvest.clone(), harvest.owner), &[]),
        ])
        .await;
    world
}

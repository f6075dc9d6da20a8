//! `sync`: anyone settles a position and gives it the current weight of its stake.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
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

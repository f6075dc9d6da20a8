//! `sync`: anyone settles a position and gives it the current weight of its stake.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Chain, Refusal,
    terms::terms,
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

/// An account that is there and is not a stake, as new code of the staking program may write it.
async fn refused_for_an_unreadable_stake(world: &World) {
    let sync = actions::sync(world.node.pubkey());
    let sound = world.chain.account(&sync.stake).await.expect("the stake is there");

    let mut longer = sound.clone();
    longer.data.push(0);
    let mut renamed = sound.clone();
    renamed.data[0] ^= 1;
    let mut cut = sound.clone();
    cut.data.truncate(4);
    let foreign = solana_account::Account { owner: world.stranger.pubkey(), ..sound.clone() };

    let weight = world.position_of(&world.node).await.weight;
    for account in [longer, renamed, cut, foreign] {
        world.chain.set_account(&sync.stake, account);
        world.refuse(rewards::Error::UnreadableStake, sync.clone(), &[]).await;
    }
    assert_eq!(world.position_of(&world.node).await.weight, weight, "it keeps its weight");

    world.chain.set_account(&sync.stake, sound);
    world.run(sync, &[]).await;
}

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let valid = actions::sync(world.staker.pubkey());
    let other = pda::staking::stake(&world.node.pubkey());
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;
    refused_for_an_unreadable_stake(&world).await;

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

//! `close_delegation`: the delegator or the owner of the stake closes an empty delegation.

use nosana_client::{
    actions,
    staking::{self, instructions::CloseDelegation},
};
use nosana_tests::{
    terms::{NOS, terms},
    world::case,
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, key) = (world.staker.pubkey(), world.client.pubkey());
    let stranger = world.stranger.pubkey();
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let close = actions::close_delegation(key, key, owner);

    world
        .refuse_all([
            case("not empty", staking::Error::DelegationNotEmpty, close.clone(), &[&world.client]),
            case(
                "closed by another",
                staking::Error::NotDelegator,
                actions::close_delegation(stranger, key, owner),
                &[&world.stranger],
            ),
            case(
                "the rent to another",
                staking::Error::WrongAccount,
                CloseDelegation { delegator: stranger, ..close },
                &[&world.client],
            ),
        ])
        .await;
    world
}

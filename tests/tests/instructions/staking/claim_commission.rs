//! `claim_commission`: the owner of a stake takes the commission of what is delegated to it.

use nosana_client::{actions, staking};
use nosana_tests::{
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let commission = actions::claim_commission(owner, world.mint);
    let theft = swap(commission.clone(), owner, world.stranger.pubkey());

    world
        .refuse_all([
            case("no commission", staking::Error::NothingToClaim, commission, &[&world.staker]),
            case("another's commission", staking::Error::NotOwner, theft, &[&world.stranger]),
        ])
        .await;
    world
}

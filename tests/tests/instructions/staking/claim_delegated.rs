//! `claim_delegated`: anyone pays a delegator what the delegation has earned.

use nosana_client::{actions, staking};
use nosana_tests::{
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let claim = actions::claim_delegated(world.client.pubkey(), world.staker.pubkey(), world.mint);
    let foreign = world.token_account(&world.stranger.pubkey());
    let theft = swap(claim.clone(), claim.destination, foreign);

    world
        .refuse_all([
            case("earned by another", staking::Error::NotDelegatorsAccount, theft, &[]),
            case("nothing earned", staking::Error::NothingToClaim, claim, &[]),
        ])
        .await;
    world
}

//! `open_delegation`: a delegator opens an empty delegation to a stake.

use nosana_client::{actions, staking};
use nosana_tests::{Refusal, terms::terms};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let by = [&world.client];
    let open = actions::open_delegation(world.client.pubkey(), world.staker.pubkey());
    world.refuse(staking::Error::NotAccepting, open.clone(), &by).await;

    world.accept_delegations(&world.staker, 500).await;
    world.run(open.clone(), &by).await;
    world.refuse(Refusal::account_exists(), open, &by).await;
    world
}

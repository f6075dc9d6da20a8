//! `lock`: the jobs program locks collateral of a node.

use nosana_client::{
    actions, pda,
    staking::{self, instructions::Lock},
};
use nosana_tests::{
    Refusal,
    terms::{STAKE, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{lock_collateral, refuse_simulated},
};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let locked = lock_collateral(&world).await;
    let owner = world.node.pubkey();
    let stake = pda::staking::stake(&owner);
    let jobs_authority = pda::jobs::authority();
    let lock = |amount| Lock { stake, amount };
    let by_owner = swap(lock(1), jobs_authority, owner);

    world
        .refuse_all([
            case("by the owner", staking::Error::NotJobsAuthority, by_owner, &[&world.node]),
            case("unsigned", Refusal::unsigned(), unsigned(lock(1), jobs_authority), &[]),
        ])
        .await;

    let free = STAKE - locked;
    let insufficient = staking::Error::InsufficientCollateral;
    refuse_simulated(&world, "more than is free", insufficient, lock(free + 1));
    refuse_simulated(&world, "an amount that overflows", insufficient, lock(u64::MAX));
    world.simulate(&lock(free).into()).expect("all that is free can be locked");

    world.run(actions::unstake(owner), &[&world.node]).await;
    refuse_simulated(&world, "in the cooldown", staking::Error::AlreadyUnstaked, lock(1));
    world
}

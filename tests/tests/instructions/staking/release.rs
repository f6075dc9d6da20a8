//! `release`: the jobs program releases collateral of a node.

use nosana_client::{
    actions, pda,
    staking::{self, instructions::Release},
};
use nosana_tests::{terms::terms, world::swap};
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
    let release = |amount| Release { stake, amount };
    let by_owner = swap(release(1), pda::jobs::authority(), owner);
    world.refuse(staking::Error::NotJobsAuthority, by_owner, &[&world.node]).await;
    let too_much = release(locked + 1);
    refuse_simulated(&world, "more than is locked", staking::Error::LockTooSmall, too_much);

    world.run(actions::unstake(owner), &[&world.node]).await;
    world.simulate(&release(1).into()).expect("also in the cooldown");
    world
}

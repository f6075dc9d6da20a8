//! `set_delegation`: the owner of a stake accepts delegations, and at which commission.

use nosana_client::{actions, pda, staking};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let stranger = world.stranger.pubkey();
    let by = [&world.staker];
    let accept = |bps| actions::set_delegation(owner, true, bps);
    world.refuse(staking::Error::NoPosition, accept(0), &by).await;

    let enter = actions::enter_delegated(stranger, owner);
    world.run(enter.clone(), &[&world.stranger]).await;
    let others = pda::rewards::position(&owner);
    world
        .refuse_all([
            case("more than all", staking::Error::CommissionOutOfRange, accept(10_001), &by),
            case(
                "another's",
                staking::Error::NotOwner,
                swap(accept(0), owner, stranger),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(accept(0), owner), &[]),
            case(
                "its own position",
                Refusal::wrong_seeds(),
                swap(accept(0), enter.delegated_position, others),
                &by,
            ),
        ])
        .await;

    world.run(actions::unstake(owner), &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, accept(0), &by).await;
    world
}

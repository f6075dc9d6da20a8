//! `top_up`: the owner adds to a stake.

use nosana_client::{actions, pda, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    Refusal,
    terms::{INITIAL_BALANCE, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    let (key, by) = (owner.pubkey(), [&owner]);
    world.run(actions::open_stake(key, world.mint, NOS, 100 * SECONDS_PER_DAY), &by).await;
    world.enter(&owner).await;

    let top_up = |amount| actions::top_up_stake(key, world.mint, amount);
    let others = pda::rewards::position(&world.staker.pubkey());
    world
        .refuse_all([
            case("nothing", staking::Error::AmountTooSmall, top_up(0), &by),
            case("an amount that overflows", staking::Error::Overflow, top_up(u64::MAX), &by),
            case("more than there is", Refusal::too_few_tokens(), top_up(INITIAL_BALANCE), &by),
            case(
                "another's stake",
                staking::Error::NotOwner,
                swap(top_up(1), key, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(top_up(1), key), &[]),
            case(
                "another position",
                staking::Error::WrongAccount,
                swap(top_up(1), pda::rewards::position(&key), others),
                &by,
            ),
            case(
                "another vault",
                staking::Error::WrongAccount,
                swap(top_up(1), pda::staking::vault(), pda::rewards::vault()),
                &by,
            ),
        ])
        .await;

    world.run(actions::unstake(key), &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, top_up(NOS), &by).await;
    world
}

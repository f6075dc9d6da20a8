//! `open_stake`: an owner opens a stake.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, INITIAL_BALANCE, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let stake = |amount, duration| actions::open_stake(owner, world.mint, amount, duration);
    let valid = stake(NOS, 14 * 86_400);
    let theft = swap(valid.clone(), valid.source, world.token_account(&world.stranger.pubkey()));
    let position = pda::rewards::position(&world.staker.pubkey());
    let other_stake = pda::staking::stake(&world.stranger.pubkey());

    world
        .refuse_all([
            case("under one NOS", staking::Error::AmountTooSmall, stake(NOS - 1, DURATION), &by),
            case(
                "for under 14 days",
                staking::Error::DurationOutOfRange,
                stake(NOS, 14 * 86_400 - 1),
                &by,
            ),
            case(
                "for over 365 days",
                staking::Error::DurationOutOfRange,
                stake(NOS, DURATION + 1),
                &by,
            ),
            case("more than weighs", staking::Error::Overflow, stake(u64::MAX, DURATION), &by),
            case(
                "more than there is",
                Refusal::too_few_tokens(),
                stake(INITIAL_BALANCE + 1, DURATION),
                &by,
            ),
            case(
                "to another vault",
                staking::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::rewards::vault()),
                &by,
            ),
            case(
                "with another position",
                Refusal::wrong_seeds(),
                swap(valid.clone(), valid.position, position),
                &by,
            ),
            case(
                "another's stake",
                Refusal::wrong_seeds(),
                swap(valid.clone(), valid.stake, other_stake),
                &by,
            ),
            case("from another", Refusal::Program(nosana_client::token::PROGRAM, 4), theft, &by),
            case(
                "with another rewards program",
                Refusal::wrong_address(staking::ID),
                swap(valid.clone(), rewards::ID, staking::ID),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

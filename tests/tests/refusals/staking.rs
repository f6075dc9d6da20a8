//! Stakes and collateral.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Refusal, programs,
    terms::{DURATION, NOS, PURSE, STAKE, terms},
    world::{case, swap, unsigned},
};
use solana_instruction::Instruction;
use solana_signer::Signer;
use staking::instructions::{Close, Lock, Release, Slash};

use crate::World;

pub async fn stake() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let stake = |amount, duration| actions::stake(owner, world.mint, amount, duration);
    let valid = stake(NOS, 14 * 86_400);
    let theft = swap(valid.clone(), valid.source, world.token_account(&world.stranger.pubkey()));
    let position = pda::rewards::position(&world.staker.pubkey());
    let other_stake = pda::staking::stake(&world.stranger.pubkey());
    world
        .refuse_all([
            case("under one NOS", staking::Error::AmountTooSmall, stake(NOS - 1, DURATION), &by),
            case("for under 14 days", staking::Error::DurationOutOfRange, stake(NOS, 14 * 86_400 - 1), &by),
            case("for over 365 days", staking::Error::DurationOutOfRange, stake(NOS, DURATION + 1), &by),
            case("more than weighs", staking::Error::Overflow, stake(u64::MAX, DURATION), &by),
            case("more than there is", Refusal::too_few_tokens(), stake(PURSE + 1, DURATION), &by),
            case(
                "to another vault",
                staking::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::rewards::vault()),
                &by,
            ),
            case("with another position", Refusal::wrong_seeds(), swap(valid.clone(), valid.position, position), &by),
            case("another's stake", Refusal::wrong_seeds(), swap(valid.clone(), valid.stake, other_stake), &by),
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
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn unstake_withdraw_close() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let unstake = actions::unstake(owner);
    let withdraw = actions::withdraw(owner, world.mint);
    let close = Close { owner, stake: pda::staking::stake(&owner) };
    let thief = world.stranger.pubkey();
    let theft = |instruction: Instruction| swap(instruction, owner, thief);
    let position = pda::rewards::position(&world.node.pubkey());
    world
        .refuse_all([
            case("unstake another's", staking::Error::NotOwner, theft(unstake.clone().into()), &[&world.stranger]),
            case("unstake unsigned", Refusal::unsigned(), unsigned(unstake.clone(), owner), &[]),
            case(
                "unstake with another position",
                staking::Error::WrongAccount,
                swap(unstake.clone(), unstake.position, position),
                &by,
            ),
            case("withdraw what is staked", staking::Error::NotUnstaked, withdraw.clone(), &by),
            case("close what is staked", staking::Error::NotUnstaked, close.clone(), &by),
        ])
        .await;
    world.run(unstake.clone(), &by).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw.clone(), &by).await;
    world.pass(DURATION / 2);
    let other_mint = world.new_mint().await;
    world
        .refuse_all([
            case("unstake twice", staking::Error::AlreadyUnstaked, unstake, &by),
            case("withdraw another's", staking::Error::NotOwner, theft(withdraw.clone().into()), &[&world.stranger]),
            case("withdraw unsigned", Refusal::unsigned(), unsigned(withdraw.clone(), owner), &[]),
            case(
                "withdraw from the rewards",
                staking::Error::WrongAccount,
                swap(withdraw.clone(), withdraw.vault, pda::rewards::vault()),
                &by,
            ),
            case(
                "withdraw to the vault",
                Refusal::same_account_twice(staking::ID),
                swap(withdraw.clone(), withdraw.destination, withdraw.vault),
                &by,
            ),
            case(
                "withdraw to a mint",
                Refusal::Runtime(solana_instruction::error::InstructionError::InvalidAccountData),
                swap(withdraw.clone(), withdraw.destination, other_mint),
                &by,
            ),
            case("close what is not empty", staking::Error::StakeNotEmpty, close.clone(), &by),
            case("close another's", staking::Error::NotOwner, theft(close.clone().into()), &[&world.stranger]),
            case("close unsigned", Refusal::unsigned(), unsigned(close.clone(), owner), &[]),
        ])
        .await;
    world.pass(DURATION);
    world.run(withdraw.clone(), &by).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw, &by).await;
    world.run(close.clone(), &by).await;
    world.refuse(Refusal::too_small(), close, &by).await;
    world
}

/// Here a wallet stands in for the jobs program's signer, so that what only that one may do can be overdone.
pub async fn lock_release_slash() -> World {
    let world = World::bare().await;
    let (keeper, owner) = (&world.client, &world.staker);
    world.run(world.initialize_rewards(), &[&world.deployer]).await;
    world.run(world.initialize_staking(keeper.pubkey()), &[&world.deployer]).await;
    world.stake(owner).await;
    world.enter(owner).await;
    let (jobs_authority, config) = (keeper.pubkey(), pda::staking::config());
    let stake = pda::staking::stake(&owner.pubkey());
    let lock = |amount| Lock { jobs_authority, config, stake, amount };
    let release = |amount| Release { jobs_authority, config, stake, amount };
    let slash = |amount| Slash {
        jobs_authority,
        config,
        stake,
        vault: pda::staking::vault(),
        pool: pda::rewards::pool(),
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&owner.pubkey()),
        amount,
        reason: 1,
    };
    let by = [keeper];
    // No audit: it counts the slots of nodes, and there are none.
    world.attempt(lock(STAKE / 2), &by).await.expect("the keeper may lock");
    let not_keeper = staking::Error::NotJobsAuthority;
    let swapped = |instruction: Instruction| swap(instruction, keeper.pubkey(), owner.pubkey());
    let tokens = world.token_account(&owner.pubkey());
    world
        .refuse_all([
            case("lock by the owner", not_keeper, swapped(lock(1).into()), &[owner]),
            case("release by the owner", not_keeper, swapped(release(1).into()), &[owner]),
            case("slash by the owner", not_keeper, swapped(slash(1).into()), &[owner]),
            case("lock unsigned", Refusal::unsigned(), unsigned(lock(1), keeper.pubkey()), &[]),
            case("lock more than is free", staking::Error::InsufficientCollateral, lock(STAKE / 2 + 1), &by),
            case("lock beyond all numbers", staking::Error::InsufficientCollateral, lock(u64::MAX), &by),
            case("release more than is locked", staking::Error::LockTooSmall, release(STAKE / 2 + 1), &by),
            case("slash more than is locked", staking::Error::LockTooSmall, slash(STAKE / 2 + 1), &by),
            case(
                "slash from another vault",
                staking::Error::WrongAccount,
                swap(slash(1), pda::staking::vault(), tokens),
                &by,
            ),
            case(
                "slash to another vault",
                rewards::Error::WrongAccount,
                swap(slash(1), pda::rewards::vault(), tokens),
                &by,
            ),
            case(
                "slash without the position",
                staking::Error::WrongAccount,
                swap(slash(1), pda::rewards::position(&owner.pubkey()), tokens),
                &by,
            ),
            case(
                "slash with another configuration",
                Refusal::wrong_owner(),
                swap(slash(1), config, programs::data_address(&staking::ID)),
                &by,
            ),
        ])
        .await;
    world.attempt(actions::unstake(owner.pubkey()), &[owner]).await.expect("the owner may unstake");
    world.refuse(staking::Error::AlreadyUnstaked, lock(1), &by).await;
    world.attempt(release(1), &by).await.expect("also in the cooldown");
    world.attempt(slash(1), &by).await.expect("also in the cooldown");
    world
}

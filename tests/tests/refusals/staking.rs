//! Stakes and collateral.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Refusal, programs,
    terms::{DURATION, NOS, PURSE, STAKE, batch, terms},
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
            case("more than there is", Refusal::too_few_tokens(), stake(PURSE + 1, DURATION), &by),
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
            case(
                "unstake another's",
                staking::Error::NotOwner,
                theft(unstake.clone().into()),
                &[&world.stranger],
            ),
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
            case(
                "withdraw another's",
                staking::Error::NotOwner,
                theft(withdraw.clone().into()),
                &[&world.stranger],
            ),
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
            case(
                "close another's",
                staking::Error::NotOwner,
                theft(close.clone().into()),
                &[&world.stranger],
            ),
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

/// What only the jobs program's signer may do, overdone. Nobody can sign for it here, so its calls
/// are simulated.
pub async fn lock_release_slash() -> World {
    let world = World::new(terms()).await;
    let (owner, stake) = (world.node.pubkey(), pda::staking::stake(&world.node.pubkey()));
    world.list(batch(1)).await;
    world.work(&world.node).await;
    let locked = terms().collateral_per_job;
    let lock = |amount| Lock { stake, amount };
    let release = |amount| Release { stake, amount };
    let slash = |amount| Slash {
        stake,
        vault: pda::staking::vault(),
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&owner),
        delegated_position: pda::rewards::position(&stake),
        reporter_token: world.sink(),
        amount,
        reason: 1,
    };
    let keeper = pda::jobs::authority();
    let not_keeper = staking::Error::NotJobsAuthority;
    let swapped = |instruction: Instruction| swap(instruction, keeper, owner);
    world
        .refuse_all([
            case("lock by the owner", not_keeper, swapped(lock(1).into()), &[&world.node]),
            case("release by the owner", not_keeper, swapped(release(1).into()), &[&world.node]),
            case("slash by the owner", not_keeper, swapped(slash(1).into()), &[&world.node]),
            case("lock unsigned", Refusal::unsigned(), unsigned(lock(1), keeper), &[]),
        ])
        .await;
    let tokens = world.token_account(&owner);
    let free = STAKE - locked;
    let simulated: [(&str, Refusal, Instruction); 9] = [
        (
            "lock more than is free",
            staking::Error::InsufficientCollateral.into(),
            lock(free + 1).into(),
        ),
        (
            "lock beyond all numbers",
            staking::Error::InsufficientCollateral.into(),
            lock(u64::MAX).into(),
        ),
        (
            "release more than is locked",
            staking::Error::LockTooSmall.into(),
            release(locked + 1).into(),
        ),
        (
            "slash more than is locked",
            staking::Error::LockTooSmall.into(),
            slash(locked + 1).into(),
        ),
        (
            "slash from another vault",
            staking::Error::WrongAccount.into(),
            swap(slash(1), pda::staking::vault(), tokens),
        ),
        (
            "slash to another vault",
            rewards::Error::WrongAccount.into(),
            swap(slash(1), pda::rewards::vault(), tokens),
        ),
        (
            "slash without the position",
            staking::Error::WrongAccount.into(),
            swap(slash(1), pda::rewards::position(&owner), tokens),
        ),
        (
            "slash with another configuration",
            Refusal::wrong_owner(),
            swap(slash(1), pda::staking::config(), programs::data_address(&staking::ID)),
        ),
        (
            "slash to another pool",
            Refusal::wrong_address(staking::ID),
            swap(slash(1), pda::rewards::pool(), pda::jobs::node(&owner)),
        ),
    ];
    for (what, refusal, instruction) in simulated {
        let failure = world.would(&instruction).expect_err(what);
        assert!(failure.refusal() == refusal, "{what}: {}, expected {refusal}", failure.refusal());
    }
    world.would(&lock(free).into()).expect("all that is free can be locked");
    world.run(actions::unstake(owner), &[&world.node]).await;
    let refused = world.would(&lock(1).into()).expect_err("no lock in the cooldown").refusal();
    assert!(refused == staking::Error::AlreadyUnstaked.into(), "{refused}");
    world.would(&release(1).into()).expect("also in the cooldown");
    world.would(&slash(1).into()).expect("also in the cooldown");
    world
}

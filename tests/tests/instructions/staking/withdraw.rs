//! `withdraw`: the owner takes what the cooldown has released.

use nosana_client::{actions, pda, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, terms},
    world::{case, swap, unsigned},
};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let withdraw = actions::withdraw(owner, world.mint);
    world.refuse(staking::Error::NotUnstaked, withdraw.clone(), &by).await;

    world.run(actions::unstake(owner), &by).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw.clone(), &by).await;

    world.advance_clock(DURATION / 2);
    let other_mint = world.new_mint().await;
    world
        .refuse_all([
            case(
                "another's",
                staking::Error::NotOwner,
                swap(withdraw.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(withdraw.clone(), owner), &[]),
            case(
                "from the rewards",
                staking::Error::WrongAccount,
                swap(withdraw.clone(), withdraw.vault, pda::rewards::vault()),
                &by,
            ),
            case(
                "to the vault",
                Refusal::same_account_twice(staking::ID),
                swap(withdraw.clone(), withdraw.destination, withdraw.vault),
                &by,
            ),
            case(
                "to a mint",
                Refusal::Runtime(InstructionError::InvalidAccountData),
                swap(withdraw.clone(), withdraw.destination, other_mint),
                &by,
            ),
        ])
        .await;

    world.advance_clock(DURATION);
    world.run(withdraw.clone(), &by).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw, &by).await;
    world
}

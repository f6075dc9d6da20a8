//! Instructions that pay the key's owner.

use anyhow::Result;
use nosana_client::{Event, Receipt, staking::events::Event as StakingEvent};
use solana_instruction::Instruction;

use super::overview::print_after_payout;
use crate::commands::context::CliContext;

/// Sends the instructions in one transaction, and prints what came, and what is left of the stake.
/// Creates the token account again if it was closed.
pub async fn send_and_print(
    ctx: &CliContext,
    instructions: &[Instruction],
    as_json: bool,
) -> Result<()> {
    let steps = [&[ctx.create_token_account()][..], instructions].concat();
    let receipt = ctx.send_all(&steps).await?;
    print_after_payout(ctx, paid_amount(&receipt), as_json).await
}

/// The amount that came to the owner, in base units, according to the program's events.
fn paid_amount(receipt: &Receipt) -> u64 {
    let amounts = receipt.events.iter().map(|event| match event {
        Event::Staking(StakingEvent::Withdrawn(event)) => event.amount,
        Event::Staking(StakingEvent::DelegationWithdrawn(event)) => event.amount,
        Event::Staking(StakingEvent::DelegationClaimed(event)) => event.amount,
        Event::Staking(StakingEvent::CommissionClaimed(event)) => event.amount,
        _ => 0,
    });
    amounts.sum()
}

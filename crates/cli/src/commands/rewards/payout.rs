//! Instructions that may pay the key's owner.

use anyhow::Result;
use nosana_client::{Event, Receipt, rewards::events::Event as RewardsEvent};
use serde_json::json;
use solana_instruction::Instruction;

use crate::commands::{
    context::CliContext,
    values::{format_nos, print_json},
};

/// Sends the instruction and prints what it paid.
pub async fn send_and_print(
    ctx: &CliContext,
    instruction: impl Into<Instruction>,
    as_json: bool,
) -> Result<()> {
    let receipt = ctx.send(instruction).await?;
    let paid = paid_amount(&receipt);

    if as_json {
        return print_json(&json!({ "signature": receipt.signature.to_string(), "paid": paid }));
    }
    match paid {
        Some(paid) => println!("{} came to {}", format_nos(paid), ctx.address()),
        None => println!("done: {}", receipt.signature),
    }
    Ok(())
}

/// The amount that a claim or an exit paid, in base units.
fn paid_amount(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Rewards(RewardsEvent::Claimed(claimed)) => Some(claimed.amount),
        Event::Rewards(RewardsEvent::Exited(exited)) => Some(exited.amount),
        _ => None,
    })
}

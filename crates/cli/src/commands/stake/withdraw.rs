//! `nosana stake withdraw`: withdraw what the cooldown has released.

use anyhow::Result;
use nosana_client::actions;
use solana_instruction::Instruction;

use super::{account::find_idle_collateral, options::StakeOptions, payout::send_and_print};

/// Withdraws what the cooldown has released. Releases the collateral that the owner's node keeps
/// for its next jobs first: what is locked cannot be withdrawn.
pub async fn withdraw_stake(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();

    let mut steps: Vec<Instruction> = Vec::new();
    if find_idle_collateral(&ctx, &owner).await? > 0 {
        steps.push(actions::release_collateral(owner).into());
    }
    steps.push(actions::withdraw(owner, ctx.mint).into());

    send_and_print(&ctx, &steps, options.connection.is_json()).await
}

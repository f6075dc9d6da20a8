//! `nosana stake offer`: accept delegations, or stop accepting them.

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::{actions, pda, rewards::accounts::Position, staking::accounts::Stake};
use solana_instruction::Instruction;

use super::{account::find_stake, overview::print_own_stake};
use crate::commands::connection::ConnectionOptions;

/// The commission of a first offer, in basis points.
const DEFAULT_COMMISSION_BPS: u16 = 500;

/// The terms of delegations.
#[derive(Debug, Args)]
pub struct OfferOptions {
    /// Commission on the earnings of later delegations, in basis points: 500 are 5 %; defaults to
    /// the current commission, or to 500 for the first offer
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    commission_bps: Option<u16>,
    /// Stop accepting delegations
    #[arg(long)]
    closed: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Accepts delegations to the key's stake, or stops accepting them.
pub async fn set_offer(options: OfferOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();
    let stake = find_stake(&ctx, &owner)
        .await?
        .context("you have no stake to delegate to; `nosana stake add` opens one")?;

    let mut steps: Vec<Instruction> = Vec::new();
    let position = pda::rewards::position(&pda::staking::stake(&owner));
    if !options.closed && ctx.session.find_account::<Position>(&position).await?.is_none() {
        steps.push(actions::enter_delegated(owner, owner).into());
    }
    let commission = options.commission_bps.unwrap_or_else(|| default_commission(&stake));
    steps.push(actions::set_delegation(owner, !options.closed, commission).into());

    ctx.send_all(&steps).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}

/// A stake that never had an offer has a commission of zero, which its owner has not chosen.
fn default_commission(stake: &Stake) -> u16 {
    let is_first =
        stake.accepts_delegation == 0 && stake.delegated_shares == 0 && stake.commission_bps == 0;
    if is_first { DEFAULT_COMMISSION_BPS } else { stake.commission_bps }
}

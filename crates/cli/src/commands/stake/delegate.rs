//! `nosana stake delegate`: delegate to a node.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions::{self, DelegationLimits},
    pda,
    staking::accounts::{Delegation, Stake},
};
use nosana_protocol::units::SECONDS_PER_DAY;
use solana_address::Address;
use solana_instruction::Instruction;

use super::{
    account::{ensure_least_stake, find_stake},
    overview::print_own_stake,
};
use crate::{
    amount::Nos,
    commands::{
        connection::ConnectionOptions,
        funds::Cost,
        values::{format_nos, parse_address},
    },
    confirm::ensure_confirmed,
};

/// The node, the amount, and the highest commission.
#[derive(Debug, Args)]
pub struct DelegateOptions {
    /// Wallet that owns the node
    #[arg(value_parser = parse_address)]
    owner: Address,
    /// NOS to delegate
    amount: Nos,
    /// Highest commission to accept, in basis points; defaults to the current commission
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    max_commission_bps: Option<u16>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Delegates to a node. Opens the delegation if it is the first time.
pub async fn delegate_to_node(options: DelegateOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = options.owner;
    let stake = find_stake(&ctx, &owner).await?.with_context(|| {
        format!("{owner} has no stake; delegate to the wallet that owns a node")
    })?;
    ensure!(
        stake.accepts_delegation != 0,
        "{owner} accepts no delegations; its owner makes an offer with `nosana stake offer`"
    );

    ensure_least_stake(&ctx, options.amount.0).await?;
    let cost = Cost::new("the delegation", options.amount.0, &[]);
    ctx.ensure_funds(cost).await?;

    print_terms(&options, &stake);
    ensure_confirmed("Delegate it?", options.yes)?;

    let delegator = ctx.address();
    let mut steps: Vec<Instruction> = Vec::new();
    let delegation = pda::staking::delegation(&pda::staking::stake(&owner), &delegator);
    if ctx.session.find_account::<Delegation>(&delegation).await?.is_none() {
        steps.push(actions::open_delegation(delegator, owner).into());
    }

    let max_commission = options.max_commission_bps.unwrap_or(stake.commission_bps);
    let amount = options.amount.0;
    // The user has agreed to the printed cooldown, not to a longer one.
    let limits = DelegationLimits {
        commission_bps: max_commission,
        duration_seconds: stake.delegated_duration_seconds,
    };
    steps.push(actions::delegate(delegator, owner, ctx.mint, amount, limits).into());

    ctx.send_all(&steps).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}

fn print_terms(options: &DelegateOptions, stake: &Stake) {
    let days = stake.delegated_duration_seconds / SECONDS_PER_DAY;

    eprintln!(
        "delegates {} to {}, who keeps {} basis points of what it earns",
        format_nos(options.amount.0),
        options.owner,
        stake.commission_bps
    );
    eprintln!(
        "cooldown  {days} days; if the node is slashed, the delegation loses the same fraction, \
         at most as much as the node itself"
    );
}

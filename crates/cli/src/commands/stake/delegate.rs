//! `nosana stake delegate`: delegate to a node.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions::{self, DelegationLimits},
    pda,
    rewards::accounts::Pool,
    staking::accounts::{Delegation, Stake},
};
use nosana_protocol::{
    slashing::{SELF_SLASH_BOUND, returned_share},
    units::{Amount, BasisPoints, SECONDS_PER_DAY, Seconds},
    xnos,
};
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

    let pool = ctx.session.find_account::<Pool>(&pda::rewards::pool()).await?;
    print_terms(&options, &stake, pool.map_or(0, |pool| pool.total_weight));
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

fn print_terms(options: &DelegateOptions, stake: &Stake, total_weight: u64) {
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
    eprintln!("{}", describe_returned_share(stake, options.amount.0, total_weight));
}

/// Says how much of a slash returns to the node once `amount` is delegated to it, at its current
/// commission.
fn describe_returned_share(stake: &Stake, amount: u64, total_weight: u64) -> String {
    let duration = Seconds(stake.delegated_duration_seconds);
    let added = xnos::stake_weight(Amount(amount), duration).map_or(0, |weight| weight.0);
    let share = returned_share(
        stake.xnos,
        stake.delegated_xnos.saturating_add(added),
        BasisPoints(stake.commission_bps),
        total_weight.saturating_add(added),
    );

    let returned = format!(
        "slashes   {}.{:02} % of what a slash takes returns to the node, by its own weight and \
         its commission",
        share.0 / 100,
        share.0 % 100
    );
    if share > SELF_SLASH_BOUND {
        format!(
            "{returned}\nwarning: above 50 % a node gains by slashing itself and its delegators"
        )
    } else {
        returned
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    /// A node with 1,000 xNOS of its own and 4,000 delegated ones.
    fn stake(commission_bps: u16) -> Stake {
        let zeroed = [Stake::DISCRIMINATOR, &[0; 296]].concat();
        let mut stake = Stake::from_data(&zeroed).unwrap();
        stake.xnos = 1_000;
        stake.delegated_xnos = 4_000;
        stake.delegated_duration_seconds = xnos::MAX_DURATION.0;
        stake.commission_bps = commission_bps;
        stake
    }

    #[test]
    fn a_delegator_sees_what_a_slash_returns_to_the_node() {
        let tenth = describe_returned_share(&stake(1_000), 0, 10_000);
        assert!(tenth.contains("14.00 %") && !tenth.contains("warning"), "{tenth}");
        let half = describe_returned_share(&stake(10_000), 0, 10_000);
        assert!(half.contains("50.00 %") && !half.contains("warning"), "{half}");
    }

    #[test]
    fn the_new_delegation_counts_with_its_weight() {
        // 250 for a year weigh 1,000: 6,000 of 11,000.
        let above = describe_returned_share(&stake(10_000), 250, 10_000);
        assert!(above.contains("54.54 %") && above.contains("warning"), "{above}");
    }
}

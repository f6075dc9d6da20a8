//! `nosana stake add`: open a stake, or add to it.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{actions, staking::accounts::Stake};
use nosana_protocol::{
    units::{Amount, SECONDS_PER_DAY, Seconds},
    xnos,
};

use super::{
    account::{ensure_least_stake, find_stake},
    overview::print_own_stake,
};
use crate::{
    amount::{AMOUNT_OVERFLOWS, Nos},
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        funds::Cost,
        values::{format_nos, format_xnos},
    },
    confirm::ensure_confirmed,
};

/// The amount, and the cooldown.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// NOS to stake
    amount: Nos,
    /// Length of a new stake's cooldown in days, 14 to 365; a longer one gives more weight, up to
    /// four times
    #[arg(short, long, value_parser = clap::value_parser!(u64).range(14..=365))]
    days: Option<u64>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Opens the key's stake, or adds to it.
pub async fn add_stake(options: AddOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    match find_stake(&ctx, &ctx.address()).await? {
        Some(stake) => top_up_stake(&ctx, &stake, &options).await?,
        None => open_stake(&ctx, &options).await?,
    }
    print_own_stake(&ctx, options.connection.is_json()).await
}

async fn top_up_stake(ctx: &CliContext, stake: &Stake, options: &AddOptions) -> Result<()> {
    let duration = stake.duration_seconds;
    ensure!(
        options.days.is_none_or(|days| days * SECONDS_PER_DAY == duration),
        "the stake's cooldown is {}.{:02} days; `nosana stake extend` makes it longer",
        duration / SECONDS_PER_DAY,
        duration % SECONDS_PER_DAY * 100 / SECONDS_PER_DAY
    );

    let amount = options.amount.0;
    ensure!(amount > 0, "nothing to add: give more than 0 NOS");
    if stake.amount <= stake.withdrawn {
        ensure_least_stake(ctx, amount).await?;
    }
    ctx.ensure_funds(Cost::new("this", amount, &[])).await?;

    eprintln!("adds     {} to {}", format_nos(amount), format_nos(stake.amount));
    ensure_confirmed("Stake it?", options.yes)?;

    ctx.send(actions::top_up_stake(ctx.address(), ctx.mint, amount)).await?;
    Ok(())
}

async fn open_stake(ctx: &CliContext, options: &AddOptions) -> Result<()> {
    let days = options
        .days
        .context("a new stake needs a cooldown; give its length with --days, 14 to 365")?;
    let duration = days * SECONDS_PER_DAY;
    let amount = options.amount.0;
    ensure_least_stake(ctx, amount).await?;
    ctx.ensure_funds(Cost::new("the stake", amount, &[Stake::SIZE])).await?;
    let weight =
        xnos::stake_weight(Amount(amount), Seconds(duration)).ok().context(AMOUNT_OVERFLOWS)?;

    eprintln!("stakes   {}, of weight {}", format_nos(amount), format_xnos(weight.0));
    eprintln!(
        "cooldown {days} days; `nosana stake unstake` starts it: \
         then the stake earns nothing and is released gradually"
    );
    ensure_confirmed("Stake it?", options.yes)?;

    ctx.send(actions::open_stake(ctx.address(), ctx.mint, amount, duration)).await?;
    Ok(())
}

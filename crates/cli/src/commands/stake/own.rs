//! The owner's own stake.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions, pda,
    staking::{accounts::Stake, instructions},
};
use nosana_protocol::{
    units::{Amount, Seconds},
    xnos,
};

use super::show;
use crate::{
    amount::Nos,
    commands::{
        connection::{Connection, Open},
        nos,
    },
    confirm::confirm,
};

/// Seconds in a day.
pub const DAY: u64 = 86_400;

/// The stake of the key.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    connection: Connection,
}

/// The stake of the key, and no question.
#[derive(Debug, Args)]
pub struct EndOptions {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// How much, and for how long.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// NOS to stake
    amount: Nos,
    /// Length of the cooldown in days, 14 to 365, for a new stake: the longer, the more weight, up
    /// to four times
    #[arg(short, long, value_parser = clap::value_parser!(u64).range(14..=365))]
    days: Option<u64>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// For how long.
#[derive(Debug, Args)]
pub struct ExtendOptions {
    /// Days of the new cooldown, up to 365
    #[arg(value_parser = clap::value_parser!(u64).range(14..=365))]
    days: u64,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Opens the stake or adds to it.
pub async fn add(options: AddOptions) -> Result<()> {
    let (open, owner, mint) = entry(&options.connection).await?;
    let amount = options.amount.0;
    let days = |seconds: u64| format!("{}.{:02} days", seconds / DAY, seconds % DAY * 100 / DAY);
    match stored(&open).await? {
        Some(stake) => {
            let same = options.days.is_none_or(|given| given * DAY == stake.duration_seconds);
            ensure!(
                same,
                "the stake's cooldown is {}: `nosana stake extend` makes it longer",
                days(stake.duration_seconds)
            );
            eprintln!("adds     {} to {}", nos(amount.into()), nos(stake.amount.into()));
            confirm("Stake it?", options.yes)?;
            open.send(actions::top_up_stake(owner, mint, amount)).await?;
        }
        None => {
            let days = options.days.context(
                "there is no stake yet: say with --days how long its cooldown is, 14 to 365",
            )?;
            let weight = xnos::weight(Amount(amount), Seconds(days * DAY))
                .ok()
                .context("so many NOS do not exist")?;
            eprintln!(
                "stakes   {}, of weight {} xNOS",
                nos(amount.into()),
                nos(weight.0.into()).trim_end_matches(" NOS")
            );
            eprintln!(
                "cooldown {days} days: from `nosana stake unstake` on, it comes back bit by bit, and earns nothing"
            );
            confirm("Stake it?", options.yes)?;
            open.send(actions::stake(owner, mint, amount, days * DAY)).await?;
        }
    }
    show::own(&open, options.connection.json()).await
}

/// Makes the cooldown longer.
pub async fn extend(options: ExtendOptions) -> Result<()> {
    let (open, owner, _) = entry(&options.connection).await?;
    let stake = stored(&open).await?.context("this key has no stake here")?;
    eprintln!(
        "extends  the cooldown of {} to {} days: it cannot become shorter again",
        nos(stake.amount.into()),
        options.days
    );
    confirm("Extend it?", options.yes)?;
    open.send(actions::extend_stake(owner, options.days * DAY)).await?;
    show::own(&open, options.connection.json()).await
}

/// Starts the cooldown.
pub async fn unstake(options: EndOptions) -> Result<()> {
    let (open, owner, _) = entry(&options.connection).await?;
    let stake = stored(&open).await?.context("this key has no stake here")?;
    eprintln!("unstakes {}: weight and rewards end now", nos(stake.amount.into()));
    eprintln!("         it is released over {} days", stake.duration_seconds / DAY);
    confirm("Start the cooldown?", options.yes)?;
    open.send(actions::unstake(owner)).await?;
    show::own(&open, options.connection.json()).await
}

/// Breaks the cooldown off.
pub async fn restake(options: Options) -> Result<()> {
    let (open, owner, _) = entry(&options.connection).await?;
    open.send(actions::restake(owner)).await?;
    show::own(&open, options.connection.json()).await
}

/// Takes what was released.
pub async fn withdraw(options: Options) -> Result<()> {
    let (open, owner, mint) = entry(&options.connection).await?;
    open.send(actions::withdraw(owner, mint)).await?;
    show::own(&open, options.connection.json()).await
}

/// Adds what was earned.
pub async fn compound(options: Options) -> Result<()> {
    let (open, owner, _) = entry(&options.connection).await?;
    crate::commands::rewards::must_have_position(&open).await?;
    open.send(actions::compound(owner)).await?;
    show::own(&open, options.connection.json()).await
}

/// Closes the stake.
pub async fn close(options: Options) -> Result<()> {
    let (open, owner, _) = entry(&options.connection).await?;
    open.send(instructions::Close { owner, stake: pda::staking::stake(&owner) }).await?;
    show::own(&open, options.connection.json()).await
}

/// Takes the commission.
pub async fn commission(options: Options) -> Result<()> {
    let (open, owner, mint) = entry(&options.connection).await?;
    open.send(actions::claim_commission(owner, mint)).await?;
    show::own(&open, options.connection.json()).await
}

/// The network, the owner, and the mint.
async fn entry(
    connection: &Connection,
) -> Result<(Open, solana_address::Address, solana_address::Address)> {
    let open = connection.open().await?;
    let (owner, mint) = (open.client(), open.mint);
    Ok((open, owner, mint))
}

async fn stored(open: &Open) -> Result<Option<Stake>> {
    Ok(open.session.find_account(&pda::staking::stake(&open.client())).await?)
}

//! Tokens behind other people's nodes.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions, pda,
    rewards::accounts::Position,
    staking::accounts::{Delegation, Stake},
};
use solana_address::Address;
use solana_instruction::Instruction;

use super::show;
use crate::{
    amount::Nos,
    commands::{connection::Connection, nos},
    confirm::confirm,
};

/// The owner's part if the first offer names none.
const FIRST_COMMISSION_BPS: u16 = 500;

/// To whom.
#[derive(Debug, Args)]
pub struct Options {
    /// The wallet that owns the node
    #[arg(value_parser = crate::commands::address)]
    owner: Address,
    #[command(flatten)]
    connection: Connection,
}

/// The same, with a question.
#[derive(Debug, Args)]
pub struct EndOptions {
    /// The wallet that owns the node
    #[arg(value_parser = crate::commands::address)]
    owner: Address,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// On which terms.
#[derive(Debug, Args)]
pub struct OfferOptions {
    /// The owner's part of what later delegations earn, in basis points: 500 are 5 %; by default
    /// what it is now, or 500 for the first offer
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    commission_bps: Option<u16>,
    /// Accept no more
    #[arg(long)]
    closed: bool,
    #[command(flatten)]
    connection: Connection,
}

/// How much.
#[derive(Debug, Args)]
pub struct DelegateOptions {
    /// The wallet that owns the node
    #[arg(value_parser = crate::commands::address)]
    owner: Address,
    /// NOS to delegate
    amount: Nos,
    /// The highest commission to accept, in basis points; by default that of now
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    max_commission_bps: Option<u16>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Accepts delegations, or no more.
pub async fn offer(options: OfferOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let owner = open.client();
    let mut steps: Vec<Instruction> = Vec::new();
    let position = pda::rewards::position(&pda::staking::stake(&owner));
    if !options.closed && open.session.find_account::<Position>(&position).await?.is_none() {
        steps.push(actions::enter_delegated(owner, owner).into());
    }
    let stake = open.session.find_account::<Stake>(&pda::staking::stake(&owner)).await?;
    let stake =
        stake.context("you have no stake that others could back: `nosana stake add` makes one")?;
    // A stake that never had an offer has a commission of nothing, which nobody has chosen.
    let first =
        stake.accepts_delegation == 0 && stake.delegated_shares == 0 && stake.commission_bps == 0;
    let commission = options.commission_bps.unwrap_or(if first {
        FIRST_COMMISSION_BPS
    } else {
        stake.commission_bps
    });
    steps.push(actions::set_delegation(owner, !options.closed, commission).into());
    open.send_all(&steps).await?;
    show::own(&open, options.connection.json()).await
}

/// Delegates, and opens the delegation if it is the first time.
pub async fn delegate(options: DelegateOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (who, owner) = (open.client(), options.owner);
    let address = pda::staking::stake(&owner);
    let stake = open.session.find_account::<Stake>(&address).await?;
    let stake = stake.with_context(|| {
        format!("{owner} has no stake: delegate to the wallet that owns a node")
    })?;
    ensure!(
        stake.accepts_delegation != 0,
        "{owner} accepts no delegations: its owner makes an offer with `nosana stake offer`"
    );
    let limit = options.max_commission_bps.unwrap_or(stake.commission_bps);
    let days = stake.delegated_duration_seconds / super::own::DAY;
    eprintln!(
        "delegates {} to {owner}, who keeps {} basis points of what it earns",
        nos(options.amount.0.into()),
        stake.commission_bps
    );
    eprintln!(
        "cooldown  {days} days; if the node is slashed, this loses the same part, at most as much as the node itself"
    );
    confirm("Delegate it?", options.yes)?;
    let mut steps: Vec<Instruction> = Vec::new();
    let delegation = pda::staking::delegation(&address, &who);
    if open.session.find_account::<Delegation>(&delegation).await?.is_none() {
        steps.push(actions::open_delegation(who, owner).into());
    }
    let mut delegate = actions::delegate(who, owner, open.mint, options.amount.0, limit);
    // What was shown is what is agreed to.
    delegate.max_duration_seconds = stake.delegated_duration_seconds;
    steps.push(delegate.into());
    open.send_all(&steps).await?;
    show::own(&open, options.connection.json()).await
}

/// Starts the cooldown.
pub async fn undelegate(options: EndOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let stake = open.session.find_account::<Stake>(&pda::staking::stake(&options.owner)).await?;
    let days = stake
        .with_context(|| format!("{} has no stake", options.owner))?
        .delegated_duration_seconds
        / super::own::DAY;
    eprintln!(
        "The delegation earns nothing from now on, and is released over {days} days. That cannot be taken back, and"
    );
    eprintln!("you can delegate to this node again only when all of it is withdrawn.");
    confirm("Start the cooldown?", options.yes)?;
    open.send(actions::undelegate(open.client(), open.client(), options.owner)).await?;
    show::own(&open, options.connection.json()).await
}

/// Takes what was released.
pub async fn withdraw(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    open.send(actions::withdraw_delegated(open.client(), options.owner, open.mint)).await?;
    show::own(&open, options.connection.json()).await
}

/// Takes what was earned.
pub async fn claim(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    open.send(actions::claim_delegated(open.client(), options.owner, open.mint)).await?;
    show::own(&open, options.connection.json()).await
}

/// Closes an empty delegation.
pub async fn close(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    open.send(actions::close_delegation(open.client(), open.client(), options.owner)).await?;
    show::own(&open, options.connection.json()).await
}

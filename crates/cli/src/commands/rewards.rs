//! `nosana rewards`: the reward pool, and what a stake earns in it.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use nosana_client::{
    Event, Receipt,
    actions::{self, Emission},
    earnings, pda,
    rewards::{
        accounts::{Pool, Position, Stream},
        events::Event as RewardsEvent,
    },
    session::Filter,
};
use nosana_protocol::units::UnixTimestamp;
use serde_json::json;

use super::{
    connection::{Connection, Open},
    nos,
};
use crate::{amount::Nos, confirm::confirm};

/// Where a stream names its owner: after the discriminator.
const OWNER: usize = 8;
/// Seconds in a day.
const DAY: i64 = 86_400;

/// What to do in the pool.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the pool, and what the key's position has earned
    Show(Options),
    /// Open a position with the weight of the key's stake: it earns from then on
    Enter(Options),
    /// Take what the position has earned
    Claim(Options),
    /// The same, and close the position
    Exit(Options),
    /// Give the position its stake's weight of now
    Sync(Options),
    /// Give income to all stakers, paid over the next epoch
    Fund(FundOptions),
    /// Open a stream that becomes income in a straight line over days
    OpenStream(StreamOptions),
    /// Turn what is due of a stream of the key's into income
    Drip(OneStream),
    /// Close a stream of the key's that ended, or cancel it
    CloseStream(OneStream),
}

/// The key's position.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    connection: Connection,
}

/// How much.
#[derive(Debug, Args)]
pub struct FundOptions {
    /// NOS to give away
    amount: Nos,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// A new stream.
#[derive(Debug, Args)]
pub struct StreamOptions {
    /// NOS that it pays altogether
    amount: Nos,
    /// Days that it lasts, from now on
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3_660))]
    days: i64,
    /// A number that no other stream of this key has
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// Whether it may be cancelled later
    #[arg(long)]
    cancellable: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// A stream of the key's.
#[derive(Debug, Args)]
pub struct OneStream {
    /// Its number
    #[arg(long, default_value_t = 1)]
    id: u64,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::Show(options) => show(options).await,
        Command::Enter(options) => enter(options).await,
        Command::Claim(options) => {
            of_position(options, |owner, mint| actions::claim(owner, mint).into()).await
        }
        Command::Exit(options) => {
            of_position(options, |owner, mint| actions::exit(owner, mint).into()).await
        }
        Command::Sync(options) => {
            of_position(options, |owner, _| actions::sync(owner).into()).await
        }
        Command::Fund(options) => fund(options).await,
        Command::OpenStream(options) => open_stream(options).await,
        Command::Drip(options) => drip(options).await,
        Command::CloseStream(options) => close_stream(options).await,
    }
}

type Instruction = solana_instruction::Instruction;
type Address = solana_address::Address;

async fn enter(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    ensure!(
        !has_position(&open).await?,
        "the stake has a position already: `nosana rewards show` tells what it has earned"
    );
    let enter = actions::enter(open.client()).into();
    send(options, open, enter).await
}

/// One instruction of the owner's for the position that there is.
async fn of_position(
    options: Options,
    instruction: impl FnOnce(Address, Address) -> Instruction,
) -> Result<()> {
    let open = options.connection.open().await?;
    must_have_position(&open).await?;
    let instruction = instruction(open.client(), open.mint);
    send(options, open, instruction).await
}

async fn has_position(open: &Open) -> Result<bool> {
    Ok(open
        .session
        .find_account::<Position>(&pda::rewards::position(&open.client()))
        .await?
        .is_some())
}

/// Fails with what to do if the key's stake does not earn.
pub async fn must_have_position(open: &Open) -> Result<()> {
    ensure!(
        has_position(open).await?,
        "the stake has no position in the reward pool: `nosana rewards enter` opens one"
    );
    Ok(())
}

/// Sends it, and tells what it paid.
async fn send(options: Options, open: Open, instruction: Instruction) -> Result<()> {
    let receipt = open.send(instruction).await?;
    let paid = paid(&receipt);
    if options.connection.json() {
        println!("{}", json!({ "signature": receipt.signature.to_string(), "paid": paid }));
    } else if let Some(paid) = paid {
        println!("{} came to {}", nos(paid.into()), open.client());
    } else {
        println!("done: {}", receipt.signature);
    }
    Ok(())
}

/// What a claim or an exit paid.
fn paid(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Rewards(RewardsEvent::Claimed(claimed)) => Some(claimed.amount),
        Event::Rewards(RewardsEvent::Exited(exited)) => Some(exited.amount),
        _ => None,
    })
}

async fn show(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let now = UnixTimestamp(open.session.clock().await?.unix_timestamp);
    let pool = open.session.account::<Pool>(&pda::rewards::pool()).await?;
    let position =
        open.session.find_account::<Position>(&pda::rewards::position(&open.client())).await?;
    let claimable = position
        .map(|position| earnings::claimable(&pool, &position, now).unwrap_or(position.accrued));
    let streams = open.session.accounts::<Stream>(&[Filter::new(OWNER, open.client())]).await?;
    if options.connection.json() {
        let streams: Vec<_> = streams
            .iter()
            .map(|(address, one)| {
                json!({ "stream": address.to_string(), "id": one.id, "amount": one.amount, "dripped": one.dripped,
                        "start": one.start, "end": one.end, "cancellable": one.cancellable != 0 })
            })
            .collect();
        let all = json!({
            "total_weight": pool.total_weight,
            "stream": pool.stream,
            "pending": pool.pending,
            "epoch_seconds": pool.epoch_seconds,
            "position": position.map(|position| json!({ "weight": position.weight, "claimable": claimable })),
            "streams": streams,
        });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!("weight of all  {} xNOS", nos(pool.total_weight.into()).trim_end_matches(" NOS"));
    println!("this epoch     {}, over {} s", nos(pool.stream.into()), pool.epoch_seconds);
    println!("the next one   {}", nos(pool.pending.into()));
    match (position, claimable) {
        (Some(position), Some(claimable)) => {
            println!(
                "your weight    {} xNOS",
                nos(position.weight.into()).trim_end_matches(" NOS")
            );
            println!("you earned     {}", nos(claimable.into()));
        }
        _ => println!("you            have no position: `nosana rewards enter` opens one"),
    }
    for (_, one) in streams {
        println!(
            "your stream {}  {} of {} paid out",
            one.id,
            nos(one.dripped.into()),
            nos(one.amount.into())
        );
    }
    Ok(())
}

async fn fund(options: FundOptions) -> Result<()> {
    let open = options.connection.open().await?;
    confirm(&format!("Give {} to the stakers?", nos(options.amount.0.into())), options.yes)?;
    open.send(actions::fund(open.client(), open.mint, options.amount.0)).await?;
    show(Options { connection: options.connection }).await
}

async fn open_stream(options: StreamOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let question = format!(
        "Stream {} to the stakers over {} days?",
        nos(options.amount.0.into()),
        options.days
    );
    confirm(&question, options.yes)?;
    // It must begin now or later, and the clock goes on while the transaction is on its way.
    let start = open.session.clock().await?.unix_timestamp + 60;
    let (id, end) = (options.id, start + options.days * DAY);
    let emission =
        Emission { id, amount: options.amount.0, start, end, cancellable: options.cancellable };
    open.send(actions::open_stream(open.client(), open.mint, emission)).await?;
    show(Options { connection: options.connection }).await
}

async fn drip(options: OneStream) -> Result<()> {
    let open = options.connection.open().await?;
    open.send(actions::drip(pda::rewards::stream(&open.client(), options.id))).await?;
    show(Options { connection: options.connection }).await
}

async fn close_stream(options: OneStream) -> Result<()> {
    let open = options.connection.open().await?;
    let (owner, id) = (open.client(), options.id);
    let address = pda::rewards::stream(&owner, id);
    let stream = open.session.find_account::<Stream>(&address).await?;
    stream.with_context(|| format!("{owner} has no stream {id}"))?;
    open.send(actions::close_stream(owner, owner, open.mint, id)).await?;
    show(Options { connection: options.connection }).await
}

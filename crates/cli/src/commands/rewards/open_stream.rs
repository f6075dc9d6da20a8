//! `nosana rewards open-stream`: open a stream of income.

use anyhow::Result;
use clap::Args;
use nosana_client::{
    actions::{self, Emission},
    rewards::accounts::Stream,
};
use nosana_protocol::units::SECONDS_PER_DAY;

use super::overview::print_overview;
use crate::{
    amount::Nos,
    commands::{connection::ConnectionOptions, funds::Cost, values::format_nos},
    confirm::ensure_confirmed,
};

/// Seconds from now to the start of a stream: the start must not be past when the transaction
/// lands.
const START_DELAY_SECONDS: i64 = 60;

/// A new stream.
#[derive(Debug, Args)]
pub struct OpenStreamOptions {
    /// NOS that the stream pays in total
    amount: Nos,
    /// Length of the stream in days, from now
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3_660))]
    days: i64,
    /// Number of the stream, unique for this key
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// Allow cancelling the stream later
    #[arg(long)]
    cancellable: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Opens a stream.
pub async fn open_stream(options: OpenStreamOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let amount = options.amount.0;
    let days = options.days;
    ctx.ensure_funds(Cost::new("the stream", amount, &[Stream::SIZE])).await?;
    let question = format!("Stream {} to the stakers over {days} days?", format_nos(amount));
    ensure_confirmed(&question, options.yes)?;

    let start = ctx.chain_time().await?.0 + START_DELAY_SECONDS;
    let emission = Emission {
        id: options.id,
        amount,
        start,
        end: start + days * SECONDS_PER_DAY as i64,
        cancellable: options.cancellable,
    };
    ctx.send(actions::open_stream(ctx.address(), ctx.mint, emission)).await?;
    print_overview(&ctx, options.connection.is_json()).await
}

//! The reward pool, and the key's position and streams in it.

use anyhow::Result;
use nosana_client::{
    pda,
    rewards::accounts::{Pool, Position, Stream},
    session::Filter,
    staking::accounts::Stake,
};
use serde_json::{Value, json};
use solana_address::Address;

use super::position::claimable_amount;
use crate::commands::{
    context::CliContext,
    values::{format_nos, format_xnos, print_json},
};

/// The pool, and what the key has in it.
struct Overview {
    pool: Pool,
    position: Option<Position>,
    /// What the position has earned, in base units.
    claimable: Option<u64>,
    streams: Vec<(Address, Stream)>,
}

/// Prints the pool, the earnings of the key's position, and the key's streams.
pub async fn print_overview(ctx: &CliContext, as_json: bool) -> Result<()> {
    let overview = Overview::fetch(ctx).await?;

    if as_json {
        return print_json(&overview.to_json());
    }
    overview.print_text();
    Ok(())
}

impl Overview {
    async fn fetch(ctx: &CliContext) -> Result<Self> {
        let now = ctx.chain_time().await?;
        let pool = ctx.session.fetch_account::<Pool>(&pda::rewards::pool()).await?;

        let address = pda::rewards::position(&ctx.address());
        let position = ctx.session.find_account::<Position>(&address).await?;
        let stake = ctx.session.find_account::<Stake>(&pda::staking::stake(&ctx.address())).await?;
        let claimable =
            position.map(|position| claimable_amount(&pool, &position, stake.as_ref(), now));

        let filter = Filter::new(Stream::OWNER_OFFSET, ctx.address());
        let streams = ctx.session.list_accounts::<Stream>(&[filter]).await?;
        Ok(Self { pool, position, claimable, streams })
    }

    fn to_json(&self) -> Value {
        let position = self
            .position
            .map(|position| json!({ "weight": position.weight, "claimable": self.claimable }));
        let streams: Vec<_> =
            self.streams.iter().map(|(address, stream)| stream_to_json(address, stream)).collect();

        json!({
            "total_weight": self.pool.total_weight,
            "stream": self.pool.stream,
            "pending": self.pool.pending,
            "epoch_seconds": self.pool.epoch_seconds,
            "position": position,
            "streams": streams,
        })
    }

    fn print_text(&self) {
        let Self { pool, position, claimable, streams } = self;
        println!("total weight   {}", format_xnos(pool.total_weight));
        println!("this epoch     {}, over {} s", format_nos(pool.stream), pool.epoch_seconds);
        println!("next epoch     {}", format_nos(pool.pending));

        match (position, claimable) {
            (Some(position), Some(claimable)) => {
                println!("your weight    {}", format_xnos(position.weight));
                println!("you earned     {}", format_nos(*claimable));
            }
            (None, _) | (_, None) => {
                println!("you            have no position: `nosana rewards enter` opens one")
            }
        }

        for (_, stream) in streams {
            let dripped = format_nos(stream.dripped);
            println!(
                "your stream {}  {dripped} of {} paid out",
                stream.id,
                format_nos(stream.amount)
            );
        }
    }
}

fn stream_to_json(address: &Address, stream: &Stream) -> Value {
    json!({
        "stream": address.to_string(),
        "id": stream.id,
        "amount": stream.amount,
        "dripped": stream.dripped,
        "start": stream.start,
        "end": stream.end,
        "cancellable": stream.cancellable != 0,
    })
}

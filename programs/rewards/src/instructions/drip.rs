use anchor_lang::prelude::*;
use nosana_program_common::{ids, now};
use nosana_protocol::units::{Amount, UnixTimestamp};

use crate::{
    errors::RewardsError,
    events::StreamDripped,
    state::{Pool, Stream, overflow},
};

/// # Specification
/// - Anyone, once something is due. What is due becomes income, which is paid out over the next
///   epoch; no tokens move.
#[derive(Accounts)]
pub struct Drip {
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub stream: Account<Stream>,
}

pub fn handler(ctx: &mut Context<Drip>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = pour(&mut accounts.pool, &mut accounts.stream, UnixTimestamp(now()?))?;
    require!(amount > 0, RewardsError::NothingDue);
    let stream = &accounts.stream;
    emit!(StreamDripped { stream: *stream.address(), amount, remaining: stream.remaining()? });
    Ok(())
}

/// Turns what is due by `now` into income; returns how much that is.
pub fn pour(pool: &mut Pool, stream: &mut Stream, now: UnixTimestamp) -> Result<u64> {
    let due = stream
        .schedule()
        .due(now)
        .and_then(|due| due.minus(Amount(stream.dripped)))
        .map_err(overflow)?;
    stream.dripped = stream.dripped.checked_add(due.0).ok_or(RewardsError::Overflow)?;
    let mut rules = pool.rules();
    rules.advance(now).map_err(overflow)?;
    rules.fund(due).map_err(overflow)?;
    pool.store(&rules);
    Ok(due.0)
}

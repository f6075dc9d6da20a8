use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::units::{Amount, UnixTimestamp};

use crate::{
    errors::{RewardsError, overflow_error},
    events::StreamDripped,
    state::{Pool, Stream},
};

/// # Specification
/// - Anyone; fails if nothing is due.
/// - What is due becomes income, which is paid out over the next epoch. No tokens move.
#[derive(Accounts)]
pub struct Drip {
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub stream: Account<Stream>,
}

pub fn process_drip(ctx: &mut Context<Drip>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = drip_due(&mut accounts.pool, &mut accounts.stream, UnixTimestamp(unix_now()?))?;
    require!(amount > 0, RewardsError::NothingDue);

    let stream = &accounts.stream;
    log_event(StreamDripped {
        stream: *stream.address(),
        amount,
        remaining: stream.remaining_amount()?,
    });
    Ok(())
}

/// Turns what is due of `stream` at `now` into income, and returns that amount.
pub fn drip_due(pool: &mut Pool, stream: &mut Stream, now: UnixTimestamp) -> Result<u64> {
    let due = stream
        .to_schedule()
        .due_amount(now)
        .and_then(|due| due.checked_sub(Amount(stream.dripped)))
        .map_err(overflow_error)?;
    stream.dripped = stream.dripped.checked_add(due.0).ok_or(RewardsError::Overflow)?;

    let mut advanced = pool.to_protocol_at(now.0)?;
    advanced.add_income(due).map_err(overflow_error)?;
    pool.store_protocol(&advanced);
    pool.invariant()?;

    Ok(due.0)
}

#![allow(
    unused_variables,
    reason = "the derive reads instruction arguments once more than it uses them"
)]

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::{
    seeds,
    stream::Schedule,
    units::{Amount, UnixTimestamp},
};

use crate::{
    constants::LAYOUT_VERSION,
    errors::RewardsError,
    events::StreamOpened,
    state::{Pool, Stream},
    vault,
};

/// # Specification
/// - Anyone, not while entry is paused; more than nothing; it begins now or later and lasts up to
///   ten years.
/// - `amount` moves from `source` to the pool's vault, where it waits to become income.
/// - Its owner can close it before its end only if it is opened as cancellable.
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct OpenStream {
    /// Owns the stream; pays the rent.
    #[account(mut)]
    pub owner: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(init, payer = owner, seeds = [seeds::STREAM, owner, id.to_le_bytes()], bump)]
    pub stream: Account<Stream>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it transfers.
    #[account(mut)]
    pub source: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_open_stream(
    ctx: &mut Context<OpenStream>,
    id: u64,
    amount: u64,
    start: i64,
    end: i64,
    cancellable: bool,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.check_open()?;
    require!(amount > 0, RewardsError::ZeroAmount);
    let schedule =
        Schedule { amount: Amount(amount), start: UnixTimestamp(start), end: UnixTimestamp(end) };
    require!(schedule.is_valid(UnixTimestamp(unix_now()?)), RewardsError::StreamOutOfRange);

    let stream = &mut accounts.stream;
    stream.owner = *accounts.owner.address();
    stream.id = id;
    stream.amount = amount;
    stream.start = start;
    stream.end = end;
    stream.cancellable = cancellable.into();
    stream.version = LAYOUT_VERSION;
    stream.bump = ctx.bumps.stream;

    let event = StreamOpened { stream: *stream.address(), owner: stream.owner, amount, start, end };
    vault::deposit_tokens(
        &mut accounts.pool,
        &mut accounts.vault,
        &mut accounts.source,
        &accounts.owner,
        amount,
    )?;

    log_event(event);
    Ok(())
}

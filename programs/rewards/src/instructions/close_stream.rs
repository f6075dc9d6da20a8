use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::units::UnixTimestamp;

use super::drip::drip_due;
use crate::{
    errors::RewardsError,
    events::{StreamClosed, StreamDripped},
    state::{Pool, Stream},
    vault,
};

/// # Specification
/// - Anyone, once the stream has ended. Before its end only its owner, and only if it was opened as
///   cancellable.
/// - What is due becomes income first. The rest goes to `destination`, which only the owner can
///   choose: after the end there is no rest. The rent goes to the owner.
#[derive(Accounts)]
pub struct CloseStream {
    pub authority: Signer,
    /// CHECK: the owner that the stream names; it only receives, even if it is the signer.
    #[account(unsafe(dup), address = stream.owner @ RewardsError::WrongAccount)]
    pub owner: UncheckedAccount,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, close = owner)]
    pub stream: Account<Stream>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: any token account that the owner chooses; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_close_stream(ctx: &mut Context<CloseStream>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = UnixTimestamp(unix_now()?);
    let dripped = drip_due(&mut accounts.pool, &mut accounts.stream, now)?;

    let stream = &accounts.stream;
    let returned = stream.remaining_amount()?;
    if returned > 0 {
        require!(*accounts.authority.address() == stream.owner, RewardsError::StreamRuns);
        require!(stream.cancellable != 0, RewardsError::NotCancellable);
    }

    let stream = *stream.address();
    let destination = &mut accounts.destination;
    vault::pay_tokens(&mut accounts.pool, &mut accounts.vault, destination, returned)?;

    if dripped > 0 {
        log_event(StreamDripped { stream, amount: dripped, remaining: returned });
    }
    log_event(StreamClosed { stream, returned });
    Ok(())
}

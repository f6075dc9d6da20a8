use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};
use nosana_protocol::units::UnixTimestamp;

use super::drip::pour;
use crate::{
    errors::RewardsError,
    events::StreamClosed,
    state::{Pool, Stream},
};

/// # Specification
/// - Anyone, once a stream is at its end; its owner before that, if it was opened so.
/// - What is due becomes income first. The rest goes back to `destination`, which its owner alone
///   chooses: at the end there is none. The rent goes to the owner.
#[derive(Accounts)]
pub struct CloseStream {
    pub authority: Signer,
    /// CHECK: the owner that the stream names; it only receives, also if it is the signer.
    #[account(unsafe(dup), address = stream.owner @ RewardsError::WrongAccount)]
    pub owner: UncheckedAccount,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, close = owner)]
    pub stream: Account<Stream>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the owner's choice; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<CloseStream>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    pour(&mut accounts.pool, &mut accounts.stream, UnixTimestamp(now()?))?;
    let stream = &mut accounts.stream;
    let returned = stream.remaining()?;
    if returned > 0 {
        require!(*accounts.authority.address() == stream.owner, RewardsError::StreamRuns);
        require!(stream.cancellable != 0, RewardsError::NotCancellable);
    }
    let event = StreamClosed { stream: *stream.address(), returned };
    let bump = [accounts.pool.bump];
    token::transfer(
        accounts.vault.cpi_handle_mut(),
        accounts.destination.cpi_handle_mut(),
        accounts.pool.cpi_handle(),
        returned,
        &[&Pool::signer_seeds(&bump)],
    );
    emit!(event);
    Ok(())
}

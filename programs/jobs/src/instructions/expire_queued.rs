use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::now;
use nosana_protocol::{
    job::{Action, Reason, State},
    queue::Side,
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    flow::{self, Ending},
    state::{Job, Market, Queue, with_fifo},
};

/// # Specification
/// - Anyone, once a job has waited in the queue for longer than its market lets it; `cell` proves
///   that it still does.
/// - The whole deposit is assigned to the payer.
#[derive(Accounts)]
pub struct ExpireQueued {
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the account that the job names; whether it can receive is asked before it is paid.
    #[account(mut, address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<ExpireQueued>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let job = &accounts.job;
    require!(job.state()? == State::Queued, JobsError::WrongState);
    let now = now()?;
    let expired = job
        .clocks()
        .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(now))
        .map_err(errors::overflow)?;
    require!(expired, JobsError::TooEarly);
    let address = *job.address();
    with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove(cells, Side::Jobs, cell, |entry| entry.address == address).map_err(errors::fifo)
    })?;
    let ending = Ending { action: Action::Settle, reason: Reason::Expired, proven: None };
    flow::assign(&mut accounts.job, &mut accounts.queue, None, &ending, now)?;
    flow::pay(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        &mut accounts.job,
        &mut accounts.payer_token,
        None,
    )
}

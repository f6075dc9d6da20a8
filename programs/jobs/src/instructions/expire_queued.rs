use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::unix_now;
use nosana_protocol::{
    job::{Reason, State},
    queue::Side,
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    settlement::{Settlement, allocate_escrow, pay_credits},
    state::{Job, Market, Queue, with_fifo},
};

/// # Specification
/// - Anyone, once a job has waited in the queue for longer than its queue clock; `cell` proves that
///   it still waits.
/// - The whole deposit is allocated to the payer.
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
    /// CHECK: the job's refund account; checked by `token::can_receive` before the transfer.
    #[account(mut, address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_expire_queued(ctx: &mut Context<ExpireQueued>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let job = &accounts.job;
    require!(job.current_state()? == State::Queued, JobsError::WrongState);
    let now = unix_now()?;
    let has_expired = job
        .clocks()
        .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(has_expired, JobsError::TooEarly);

    let address = *job.address();
    with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove_at(cells, Side::Jobs, cell, |entry| entry.address == address)
            .map_err(errors::fifo_error)
    })?;

    let settlement = Settlement::without_work(Reason::Expired);
    allocate_escrow(&mut accounts.job, &mut accounts.queue, None, &settlement, now)?;

    pay_credits(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        &mut accounts.job,
        &mut accounts.payer_token,
        None,
    )
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{
    job::{Action, Reason, State},
    queue::Side,
};

use crate::{
    errors::{self, JobsError},
    events::JobCancelRequested,
    settlement::{Settlement, allocate_escrow, pay_credits},
    state::{Job, Market, Queue, with_fifo},
};

/// # Specification
/// - Only the client; while the job waits in the queue, which `cell` proves, or while it is matched
///   with a node. The state of a job that a node took from the queue is still `Queued`, but the job
///   is no longer in the queue: this fails, and the client may `stop` it.
/// - From the queue, the whole deposit is allocated to the payer.
/// - A matched job stays matched, and its node may still start it. If it returns instead, now or
///   after a failed run, it is settled as cancelled. So nodes that pass a job to each other cannot
///   keep it from its client. `cell` is not read.
#[derive(Accounts)]
pub struct Cancel {
    #[account(address = job.client @ JobsError::NotClient)]
    pub client: Signer,
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

pub fn process_cancel(ctx: &mut Context<Cancel>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    if accounts.job.current_state()? == State::Matched {
        let job = &mut accounts.job;
        job.apply_action(Action::RequestCancel)?;
        job.cancel_requested = 1;

        log_event(JobCancelRequested { job: *job.address(), node: job.node });
        return Ok(());
    }
    accounts.job.current_state()?.next_state(Action::Cancel).map_err(errors::wrong_state_error)?;

    let address = *accounts.job.address();
    with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove_at(cells, Side::Jobs, cell, |entry| entry.address == address)
            .map_err(errors::fifo_error)
    })?;

    let settlement = Settlement { action: Action::Cancel, reason: Reason::Cancelled, proven: None };
    allocate_escrow(&mut accounts.job, &mut accounts.queue, None, &settlement, unix_now()?)?;

    pay_credits(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        &mut accounts.job,
        &mut accounts.payer_token,
        None,
    )
}

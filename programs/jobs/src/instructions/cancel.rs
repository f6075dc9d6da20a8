use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::now;
use nosana_protocol::{
    job::{Action, Reason},
    queue::Side,
};

use crate::{
    errors::{self, JobsError},
    flow::{self, Ending},
    state::{Job, Market, Queue, with_fifo},
};

/// # Specification
/// - Only the client; only while the job waits in the queue, which `cell` proves. A job that a node
///   has already taken still reads `Queued`, but is not there any more: then its node starts it or
///   loses it, and this fails.
/// - The whole deposit is assigned to the payer.
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
    /// CHECK: the account that the job names; whether it can receive is asked before it is paid.
    #[account(mut, address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Cancel>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.job.state()?.next(Action::Cancel).map_err(errors::wrong_state)?;
    let address = *accounts.job.address();
    with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove(cells, Side::Jobs, cell, |entry| entry.address == address).map_err(errors::fifo)
    })?;
    let ending = Ending { action: Action::Cancel, reason: Reason::Cancelled, proven: None };
    flow::assign(&mut accounts.job, &mut accounts.queue, None, &ending, now()?)?;
    flow::pay(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        &mut accounts.job,
        &mut accounts.payer_token,
        None,
    )
}

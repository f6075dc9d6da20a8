use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, token};
use nosana_protocol::{job::Action, units::Amount};

use crate::{
    errors::{self, JobsError},
    events::JobToppedUp,
    state::{Config, Job, Market},
};

/// # Specification
/// - Anyone, while the job waits, is matched, or runs; not while entry is paused; the amount is
///   greater than zero.
/// - The amount is added to the job's budget, from which the client may extend it. What is left of
///   the budget when the job ends is refunded to the job's payer, not to the signer.
#[derive(Accounts)]
pub struct TopUp {
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    /// CHECK: its address is the market's vault; the token program checks it in the transfer.
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: UncheckedAccount,
    /// CHECK: the token program checks it in the transfer.
    #[account(mut)]
    pub source: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(amount > 0, JobsError::ZeroAmount);

    let job = &mut accounts.job;
    job.apply_action(Action::Extend)?;
    job.budget = Amount(job.budget).checked_add(Amount(amount)).map_err(errors::overflow_error)?.0;
    job.escrow = Amount(job.escrow).checked_add(Amount(amount)).map_err(errors::overflow_error)?.0;
    job.invariant()?;

    let event = JobToppedUp { job: *job.address(), amount, budget: job.budget };
    token::transfer(
        accounts.source.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.authority.cpi_handle(),
        amount,
        &[],
    );

    log_event(event);
    Ok(())
}

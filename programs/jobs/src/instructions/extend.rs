use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{now, token};
use nosana_protocol::{
    ending,
    job::{Action, State},
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    events::JobExtended,
    state::{Job, Market},
};

/// # Specification
/// - Only the client; while the job waits, is matched, or runs and no clock of it has run out.
/// - At least one second more, and altogether not more than the market's longest timeout of now.
/// - For a node that runs it, this counts as a heartbeat, and its reputation is judged by the
///   timeout it started with.
/// - Costs what a job of the longer timeout would have cost more. The budget pays first, then
///   `payer`; whoever pays, refunds go to the job's payer.
#[derive(Accounts)]
pub struct Extend {
    #[account(address = job.client @ JobsError::NotClient)]
    pub client: Signer,
    /// May be the client. Both are signers, of which nothing but the address is read.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it pays.
    #[account(mut)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Extend>, added_seconds: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (job, market) = (&mut accounts.job, &accounts.market);
    job.advance(Action::Extend)?;
    require!(added_seconds > 0, JobsError::TimeoutOutOfRange);
    if job.state()? == State::Running {
        let now = now()?;
        let end =
            ending::of(&job.run()?, &job.clocks(), UnixTimestamp(now)).map_err(errors::overflow)?;
        require!(end.is_none(), JobsError::DeadlinePassed);
        // Its node owed no heartbeat after the old end. It starts to owe them again now.
        job.heartbeat_at = now;
    }
    let (terms, due) = job.terms()?.extended(Seconds(added_seconds)).map_err(errors::overflow)?;
    require!(terms.timeout.0 <= market.terms.max_timeout_seconds, JobsError::TimeoutOutOfRange);
    let from_budget = due.min(Amount(job.budget));
    let from_payer = due.minus(from_budget).map_err(errors::overflow)?;
    job.timeout_seconds = terms.timeout.0;
    job.budget = Amount(job.budget).minus(from_budget).map_err(errors::overflow)?.0;
    job.escrow = Amount(job.escrow).plus(from_payer).map_err(errors::overflow)?.0;
    job.invariant()?;
    let event = JobExtended {
        job: *job.address(),
        timeout_seconds: job.timeout_seconds,
        escrow: job.escrow,
    };
    token::transfer(
        accounts.payer_token.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.payer.cpi_handle(),
        from_payer.0,
        &[],
    );
    emit!(event);
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, token, unix_now};
use nosana_protocol::{
    ending::{self, Caller},
    job::{Action, State},
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    events::JobExtended,
    state::{Job, Market},
};

/// # Specification
/// - Only the client; while the job waits, is matched, or runs and none of its clocks has run out.
/// - Not a verified job: what is at stake in a dispute was fixed when it was listed.
/// - At least one second more; the longer timeout is at most the market's current longest timeout.
/// - While the job runs, this counts as a heartbeat of its node. The node's reputation is still
///   judged by the timeout that the job had at the start.
/// - Costs the difference between the deposits for the longer and the shorter timeout. The budget
///   pays first, then `payer`. Refunds go to the job's payer in either case.
#[derive(Accounts)]
pub struct Extend {
    #[account(address = job.client @ JobsError::NotClient)]
    pub client: Signer,
    /// May be the client. Both are signers, of which only the address is read.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    /// CHECK: its address is the market's vault; the token program checks it in the transfer.
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: UncheckedAccount,
    /// CHECK: the token program checks it in the transfer.
    #[account(mut)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_extend(ctx: &mut Context<Extend>, added_seconds: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let job = &mut accounts.job;
    let market = &accounts.market;
    job.apply_action(Action::Extend)?;
    require!(job.panel_fee == 0, JobsError::FixedTimeout);
    require!(added_seconds > 0, JobsError::TimeoutOutOfRange);

    if job.current_state()? == State::Running {
        let now = unix_now()?;
        let run = job.run_times()?;
        let end = ending::outcome_at(&run, &job.clocks(), UnixTimestamp(now), Caller::Client)
            .map_err(errors::overflow_error)?;
        require!(end.is_none(), JobsError::DeadlinePassed);
        // The node owed no heartbeat after the old end. From now on it owes them again.
        job.heartbeat_at = now;
    }

    let (terms, due) =
        job.money_terms()?.extended_by(Seconds(added_seconds)).map_err(errors::overflow_error)?;
    require!(terms.timeout.0 <= market.terms.max_timeout_seconds, JobsError::TimeoutOutOfRange);
    let from_budget = due.min(Amount(job.budget));
    let from_payer = due.checked_sub(from_budget).map_err(errors::overflow_error)?;

    job.timeout_seconds = terms.timeout.0;
    job.budget = Amount(job.budget).checked_sub(from_budget).map_err(errors::overflow_error)?.0;
    job.escrow = Amount(job.escrow).checked_add(from_payer).map_err(errors::overflow_error)?.0;
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

    log_event(event);
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{
    job::State,
    units::{Amount, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    events::CreditForfeited,
    state::{Job, Market, Queue},
};

/// # Specification
/// - Anyone, for a settled job: credits that nobody has collected within 30 days after the job's
///   retention, and credits below a thousandth of a NOS as soon as the retention is over.
/// - They become fees of the market. So nobody keeps a job or a market open by not collecting.
#[derive(Accounts)]
pub struct ForfeitCredit {
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
}

pub fn process_forfeit_credit(ctx: &mut Context<ForfeitCredit>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let job = &mut accounts.job;
    require!(job.current_state()? == State::Settled, JobsError::WrongState);

    let settled = UnixTimestamp(job.settled_at);
    let clocks = job.clocks();
    let mut amount = 0_u64;
    let mut credits = [job.node_credit, job.payer_credit];
    for credit in &mut credits {
        let is_forfeitable = clocks
            .is_forfeitable(Amount(*credit), settled, UnixTimestamp(now))
            .map_err(errors::overflow_error)?;
        if is_forfeitable {
            amount = amount.checked_add(*credit).ok_or(JobsError::Overflow)?;
            *credit = 0;
        }
    }
    require!(amount > 0, JobsError::NotForfeitable);

    let [node_credit, payer_credit] = credits;
    job.node_credit = node_credit;
    job.payer_credit = payer_credit;
    job.invariant()?;
    let queue = &mut accounts.queue;
    queue.credits_owed =
        queue.credits_owed.checked_sub(amount).ok_or(JobsError::InvariantViolated)?;
    queue.fees_accrued = queue.fees_accrued.checked_add(amount).ok_or(JobsError::Overflow)?;

    log_event(CreditForfeited { job: *job.address(), market: job.market, amount });
    Ok(())
}

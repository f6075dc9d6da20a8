use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_onchain::{ids, now};
use nosana_protocol::{
    job::{Action, Reason, State},
    units::Moment,
};

use crate::{
    errors::{self, JobsError},
    external, flow,
    state::{Config, Job, Market, Queue},
};

/// # Specification
/// - Anyone, once the challenge window of a submitted result is over.
/// - Pays the time from start to result, at least one second, at most the timeout; releases the collateral.
#[derive(Accounts)]
pub struct Settle {
    pub config: Account<Config>,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the account that the job names; whether it can receive is asked before it is paid. It may be the node's own:
    /// nothing holds its content while it is paid.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the account that the job names.
    #[account(unsafe(dup), address = job.node_token @ JobsError::WrongAccount)]
    pub node_token: UncheckedAccount,
    /// CHECK: the stake that the job names; the staking program checks its content.
    #[account(mut, address = job.node_stake @ JobsError::WrongAccount)]
    pub node_stake: UncheckedAccount,
    /// CHECK: this program's signer; the runtime refuses its signature for any other address.
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program checks it.
    pub staking_config: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Settle>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let job = &mut accounts.job;
    require!(job.state()? == State::Submitted, JobsError::WrongState);
    let submitted = Moment(job.submitted_at);
    require!(job.clocks().settleable(submitted, Moment(now)).map_err(errors::overflow)?, JobsError::TooEarly);
    let proven = submitted.since(Moment(job.started_at));
    let collateral = core::mem::take(&mut job.collateral);
    flow::assign(job, &mut accounts.queue, Action::Settle, Reason::Completed, Some(proven), now)?;
    flow::pay_node(&accounts.market, &mut accounts.vault, job, &mut accounts.node_token);
    flow::pay_payer(&accounts.market, &mut accounts.vault, job, &mut accounts.payer_token);

    external::change_lock(
        external::RELEASE,
        accounts.jobs_authority.cpi_handle(),
        accounts.staking_config.cpi_handle(),
        accounts.node_stake.cpi_handle_mut(),
        collateral,
        accounts.config.authority_bump,
    );
    Ok(())
}

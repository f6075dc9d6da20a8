use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now};
use nosana_protocol::{
    job::{Return, State},
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    external::{self, SlashAccounts},
    flow,
    state::{Job, Market, Node, Queue},
};

/// The reason byte of a slash for not starting.
pub const DID_NOT_START: u8 = 1;

/// # Specification
/// - Anyone, once the start clock of a match has run out: from the moment the node took the job, or
///   the job met the node.
/// - The node's slot is free. The penalty under which it took the slot is slashed, unless the
///   market's terms have changed since it took the slot or since the job was listed; the rest of
///   the collateral is released. Whoever calls this gets the staking program's share of the
///   penalty, to `reporter_token`.
/// - The job is queued again or, if that is not possible, settled with a full refund.
#[derive(Accounts)]
pub struct ExpireMatch {
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the account that the job names; whether it can receive is asked before it is paid. It
    /// may be the reporter's as well.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program's configuration.
    #[account(address = ids::STAKING_CONFIG)]
    pub staking_config: UncheckedAccount,
    /// CHECK: the staking program checks it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub position: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: the caller's choice; may be the payer's account. The staking program asks whether it
    /// can be paid.
    #[account(unsafe(dup))]
    pub reporter_token: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<ExpireMatch>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let (job, node) = (&mut accounts.job, &mut accounts.node);
    let state = job.state()?;
    require!(matches!(state, State::Queued | State::Matched), JobsError::WrongState);
    if state == State::Matched {
        require!(job.node == *node.address(), JobsError::NotThisNode);
    }
    let slot = node.holding_unstarted(job)?;
    let since = if state == State::Matched { job.matched_at } else { slot.since };
    let expired = job
        .clocks()
        .match_expired(UnixTimestamp(since), UnixTimestamp(now))
        .map_err(errors::overflow)?;
    require!(expired, JobsError::TooEarly);
    // Nobody is punished under terms that it did not take the slot under, nor for a job that was
    // listed under others: that job may ask for more than the node was asked for.
    let since = accounts.market.terms_since;
    let agreed = slot.taken_at > since && job.listed_at > since;
    let penalty = if agreed { slot.no_start_penalty.min(slot.collateral) } else { 0 };
    let rest = slot.free().checked_sub(penalty).ok_or(JobsError::Overflow)?;
    let more = flow::requeue(job, &mut accounts.queue, node, Return::Failed, now)?;
    flow::pay(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        job,
        &mut accounts.payer_token,
        None,
    )?;
    accounts.penalize(penalty, rest.checked_add(more).ok_or(JobsError::Overflow)?);
    Ok(())
}

impl ExpireMatch {
    /// Slashes `penalty` and releases `rest` base units of the node's stake.
    fn penalize(&mut self, penalty: u64, rest: u64) {
        external::slash(
            self.jobs_authority.cpi_handle(),
            self.staking_config.cpi_handle(),
            self.stake.cpi_handle_mut(),
            SlashAccounts {
                stake_vault: self.stake_vault.cpi_handle_mut(),
                pool: self.pool.cpi_handle_mut(),
                pool_vault: self.pool_vault.cpi_handle_mut(),
                position: self.position.cpi_handle_mut(),
                delegated_position: self.delegated_position.cpi_handle_mut(),
                reporter_token: self.reporter_token.cpi_handle_mut(),
                rewards_program: self.rewards_program.cpi_handle(),
                token_program: self.token_program.cpi_handle(),
            },
            (penalty, DID_NOT_START),
        );
        external::change_lock(
            external::RELEASE,
            self.jobs_authority.cpi_handle(),
            self.stake.cpi_handle_mut(),
            rest,
        );
    }
}

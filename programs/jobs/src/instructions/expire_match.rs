use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, unix_now};
use nosana_protocol::{
    job::{Return, ReturnCause, State},
    slot,
    units::{Amount, UnixTimestamp},
};

use crate::{
    cpi_calls::{self, SlashAccounts},
    errors::{self, JobsError},
    requeue::requeue_job,
    settlement::pay_credits,
    state::{Job, Market, Node, Queue},
};

/// The reason byte of a slash because a node did not start a job.
pub const DID_NOT_START: u8 = 1;

/// # Specification
/// - Anyone, once the start clock of a match has run out. It runs from the moment when the node
///   took the job, or when the job was matched with the waiting node.
/// - The node's slot rests as after a `quit` of a job that it took. The penalty to which the node
///   agreed when it took the slot is slashed, unless the job was listed under other terms; the node
///   keeps the rest of the collateral. 60 days after the start clock nothing is slashed any more: a
///   job does not stay because staking refuses to slash. The caller gets the staking program's
///   share of the penalty, to `reporter_token`; the rest is burnt.
/// - The job is requeued or, if that is not possible, settled with a full refund. With a requeue,
///   the node loses its places before the first other node that waits.
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
    /// CHECK: the job's refund account; checked by `token::can_receive` before the transfer. It may
    /// be the reporter's account too.
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
    /// CHECK: the staking program compares it with its configuration.
    #[account(mut)]
    pub nos_mint: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub position: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: any account that the caller chooses, such as the payer's. The staking program checks
    /// that it can receive before the transfer.
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

pub fn process_expire_match(ctx: &mut Context<ExpireMatch>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let job = &mut accounts.job;
    let node = &mut accounts.node;
    let state = job.current_state()?;
    require!(matches!(state, State::Queued | State::Matched), JobsError::WrongState);
    if state == State::Matched {
        require!(job.node == *node.address(), JobsError::NotThisNode);
    }

    let slot = node.unstarted_slot(job, job.address())?;
    let matched_at = job.held_since(slot);
    let clocks = job.clocks();
    let has_expired = clocks
        .match_expired(UnixTimestamp(matched_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(has_expired, JobsError::TooEarly);

    let owes_penalty = clocks
        .owes_penalty(UnixTimestamp(matched_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    let penalty = if owes_penalty {
        slot::no_start_penalty(
            slot.terms_revision,
            job.terms_revision,
            Amount(slot.no_start_penalty),
            Amount(slot.collateral),
        )
    } else {
        Amount::ZERO
    };

    let collateral = slot.set_resting_unstarted(&clocks, matched_at, now)?;
    let rest = collateral.checked_sub(penalty.0).ok_or(JobsError::Overflow)?;
    let cause = ReturnCause::NotStarted;
    node.keep_collateral(rest)?;
    requeue_job(job, &mut accounts.queue, node, Return::Failed, cause, now)?;

    pay_credits(
        &accounts.market,
        &mut accounts.queue,
        &mut accounts.vault,
        job,
        &mut accounts.payer_token,
        None,
    )?;
    accounts.slash_penalty(penalty.0);
    Ok(())
}

impl ExpireMatch {
    /// Slashes `penalty` base units of the node's stake.
    fn slash_penalty(&mut self, penalty: u64) {
        cpi_calls::slash_stake(
            self.jobs_authority.cpi_handle(),
            self.staking_config.cpi_handle(),
            self.stake.cpi_handle_mut(),
            SlashAccounts {
                stake_vault: self.stake_vault.cpi_handle_mut(),
                pool: self.pool.cpi_handle_mut(),
                nos_mint: self.nos_mint.cpi_handle_mut(),
                position: self.position.cpi_handle_mut(),
                delegated_position: self.delegated_position.cpi_handle_mut(),
                reporter_token: self.reporter_token.cpi_handle_mut(),
                rewards_program: self.rewards_program.cpi_handle(),
                token_program: self.token_program.cpi_handle(),
            },
            penalty,
            DID_NOT_START,
            None,
        );
    }
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, stake};
use nosana_protocol::{
    ending,
    units::{Seconds, UnixTimestamp},
};

use crate::{
    cpi_calls,
    errors::{self, JobsError},
    settlement::{Settlement, allocate_escrow, pay_credits},
    state::{Job, Market, Node, Queue},
};

/// The accounts of every instruction that takes a job from its node: `finish`, `quit`, `stop`,
/// `expire_run`, `settle`, `accept`, `reject`. Each of them checks who signs and the state of the job.
#[derive(Accounts)]
pub struct EndRun {
    /// Node authority for `finish` and `quit`, client for `stop`, `accept` and `reject`,
    /// anyone for `expire_run` and `settle`.
    pub authority: Signer,
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
    /// be the node's account too, if a client runs a job on its own node: no borrow of its data is
    /// held during the transfer.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the node's token account in the job, if the job was started. Otherwise nothing is
    /// paid to it, and it may be any account, such as the payer's.
    #[account(
        unsafe(dup),
        constraint = *node_token.address() == job.node_token
            || job.node_token == Address::default() @ JobsError::WrongAccount
    )]
    pub node_token: UncheckedAccount,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl EndRun {
    /// Fails unless the job runs on, or is matched with, this node.
    pub fn check_node(&self) -> Result<()> {
        require!(self.job.node == *self.node.address(), JobsError::NotThisNode);
        Ok(())
    }

    /// Returns true if the owner's own stake still has the xNOS that the run needs. Amounts in
    /// their cooldown do not count.
    pub fn is_backed(&self) -> Result<bool> {
        let own = stake::read_stake(self.stake.account(), |stake| stake.xnos)
            .map_err(errors::unreadable_stake_error)?;
        Ok(own.unwrap_or(0) >= self.job.min_own_xnos)
    }

    /// Returns the seconds of work that the running job's heartbeats prove.
    pub fn proven_time(&self, now: i64) -> Result<Seconds> {
        ending::proven_seconds(&self.job.run_times()?, &self.job.clocks(), UnixTimestamp(now))
            .map_err(errors::overflow_error)
    }

    /// Allocates the escrow, pays it, and releases `collateral` base units of the node's stake.
    pub fn settle_run(&mut self, settlement: &Settlement, collateral: u64, now: i64) -> Result<()> {
        allocate_escrow(&mut self.job, &mut self.queue, Some(&mut self.node), settlement, now)?;
        self.pay_parties()?;
        self.release_collateral(collateral);
        Ok(())
    }

    /// Pays the job's credits, as far as the token accounts of payer and node can receive them.
    pub fn pay_parties(&mut self) -> Result<()> {
        pay_credits(
            &self.market,
            &mut self.queue,
            &mut self.vault,
            &mut self.job,
            &mut self.payer_token,
            Some(&mut self.node_token),
        )
    }

    /// Releases `collateral` base units of the node's stake.
    pub fn release_collateral(&mut self, collateral: u64) {
        cpi_calls::change_lock(
            cpi_calls::RELEASE,
            self.jobs_authority.cpi_handle(),
            self.stake.cpi_handle_mut(),
            collateral,
        );
    }
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, stake};
use nosana_protocol::{
    ending,
    units::{Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    external,
    flow::{self, Ending},
    state::{Job, Market, Node, Queue},
};

/// The accounts of every instruction that takes a job from its node: `finish`, `quit`, `stop`,
/// `expire_run`, `settle`, `accept`. Who must sign, and what the job's state must be, is in each of
/// them.
#[derive(Accounts)]
pub struct EndRun {
    /// Node authority for `finish` and `quit`, client for `stop` and `accept`, anyone for
    /// `expire_run` and `settle`.
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
    /// CHECK: the account that the job names; whether it can receive is asked before it is paid. It
    /// may be the node's own, if someone runs a job on a node of theirs: nothing holds its content
    /// while it is paid.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the account that the job names once it was started; before that nothing is paid to
    /// it, and any account, also the payer's, stands in.
    #[account(
        unsafe(dup),
        constraint = *node_token.address() == job.node_token || job.node_token == Address::default() @ JobsError::WrongAccount
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
    /// Releases `collateral` base units of the node's stake.
    pub fn release(&mut self, collateral: u64) {
        external::change_lock(
            external::RELEASE,
            self.jobs_authority.cpi_handle(),
            self.stake.cpi_handle_mut(),
            collateral,
        );
    }

    /// Pays what was assigned to payer and node, as far as their token accounts can receive it.
    pub fn pay(&mut self) -> Result<()> {
        flow::pay(
            &self.market,
            &mut self.queue,
            &mut self.vault,
            &mut self.job,
            &mut self.payer_token,
            Some(&mut self.node_token),
        )
    }

    /// Assigns and pays, and releases `collateral` base units of the node's stake.
    pub fn end(&mut self, ending: &Ending, collateral: u64, now: i64) -> Result<()> {
        flow::assign(&mut self.job, &mut self.queue, Some(&mut self.node), ending, now)?;
        self.pay()?;
        self.release(collateral);
        Ok(())
    }

    /// Whether the owner's own stake still has the xNOS that the run needs; none in its cooldown.
    pub fn is_backed(&self) -> bool {
        stake::read(self.stake.account(), |stake| stake.xnos).unwrap_or(0) >= self.job.min_own_xnos
    }

    /// The seconds of work that the running job's heartbeats prove.
    pub fn proven(&self, now: i64) -> Result<Seconds> {
        ending::proven(&self.job.run()?, &self.job.clocks(), UnixTimestamp(now))
            .map_err(errors::overflow)
    }

    /// Fails unless the job runs on, or was matched with, this node.
    pub fn check_node(&self) -> Result<()> {
        require!(self.job.node == *self.node.address(), JobsError::NotThisNode);
        Ok(())
    }
}

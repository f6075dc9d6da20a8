use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_protocol::{
    ending,
    units::{Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    settlement::{Settlement, allocate_escrow, pay_credits},
    state::{Job, Market, Node, Queue},
};

/// The accounts of `finish`, `quit`, `stop`, `settle`, `accept` and `reject`, which take a job from
/// its node. Each of them checks who signs and the state of the job.
#[derive(Accounts)]
pub struct EndRun {
    /// Node authority for `finish` and `quit`, client for `stop`, `accept` and `reject`,
    /// anyone for `settle`.
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
    pub token_program: Program<Token>,
}

impl EndRun {
    /// Fails unless the job runs on, or is matched with, this node.
    pub fn check_node(&self) -> Result<()> {
        require!(self.job.node == *self.node.address(), JobsError::NotThisNode);
        Ok(())
    }

    /// Returns the seconds of work that the running job's heartbeats prove.
    pub fn proven_time(&self, now: i64) -> Result<Seconds> {
        ending::proven_seconds(&self.job.run_times()?, &self.job.clocks(), UnixTimestamp(now))
            .map_err(errors::overflow_error)
    }

    /// Allocates the escrow and pays it. The node keeps `collateral` base units for its next slot.
    pub fn settle_run(&mut self, settlement: &Settlement, collateral: u64, now: i64) -> Result<()> {
        self.node.keep_collateral(collateral)?;
        allocate_escrow(&mut self.job, &mut self.queue, Some(&mut self.node), settlement, now)?;
        self.pay_parties()
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
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::token;

use crate::{
    errors::JobsError,
    events::CreditCollected,
    flow,
    state::{Job, Market, Node, Queue},
};

/// # Specification
/// - The payer collects what was refunded, the authority of the job's node what it earned, one who
///   is both collects both; to any open token account of NOS.
/// - Anyone may do it for them, to a token account that belongs to them: nobody keeps a market open
///   by not collecting.
/// - Fails if there is nothing for this signer or this destination.
#[derive(Accounts)]
pub struct Collect {
    pub authority: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    /// The node that did the work; only needed to collect its pay.
    pub node: Option<Account<Node>>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the signer's choice; asked whether it can receive NOS.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Collect>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let signer = *accounts.authority.address();
    require!(
        token::can_receive(accounts.destination.account(), accounts.vault.mint()),
        JobsError::CannotReceive
    );
    let job = &mut accounts.job;
    let mut amount = 0_u64;
    let destination = accounts.destination.account();
    if job.payer == signer || token::belongs_to(destination, &job.payer) {
        amount = core::mem::take(&mut job.payer_credit);
    }
    if let Some(node) = &accounts.node
        && *node.address() == job.node
        && (node.authority == signer || token::belongs_to(destination, &node.authority))
    {
        let credit = core::mem::take(&mut job.node_credit);
        amount = amount.checked_add(credit).ok_or(JobsError::Overflow)?;
    }
    require!(amount > 0, JobsError::NothingToCollect);
    job.invariant()?;
    let queue = &mut accounts.queue;
    queue.credits_owed =
        queue.credits_owed.checked_sub(amount).ok_or(JobsError::InvariantViolated)?;
    let event = CreditCollected {
        job: *job.address(),
        destination: *accounts.destination.address(),
        amount,
    };
    flow::send(&accounts.market, &mut accounts.vault, &mut accounts.destination, amount);
    emit!(event);
    Ok(())
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, token};

use crate::{
    errors::JobsError,
    events::CreditCollected,
    settlement::send_from_vault,
    state::{Job, Market, Node, Queue},
};

/// # Specification
/// - The payer collects its refund, the authority of the job's node its earnings, a signer who is
///   both collects both; to any token account of NOS that can receive.
/// - Anyone may do it for them, to a token account that belongs to them, so that a payee who does
///   not collect cannot keep a market open.
/// - Fails if no credit is owed to this signer or to the owner of this destination.
#[derive(Accounts)]
pub struct Collect {
    pub authority: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    /// The node that ran the job; only needed to collect its earnings.
    pub node: Option<Account<Node>>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: any account that the signer chooses; checked by `token::can_receive`.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_collect(ctx: &mut Context<Collect>) -> Result<()> {
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
    send_from_vault(&accounts.market, &mut accounts.vault, &mut accounts.destination, amount);

    log_event(event);
    Ok(())
}

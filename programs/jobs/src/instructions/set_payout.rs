use anchor_lang::prelude::*;
use nosana_program_common::token;

use crate::{
    errors::JobsError,
    state::{Config, Node},
};

/// # Specification
/// - Only the node's authority, to whom `payout` belongs; it can receive NOS now.
/// - Jobs that are started from now on are paid there. Those that run keep the account they started
///   with.
#[derive(Accounts)]
pub struct SetPayout {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(mut)]
    pub node: Account<Node>,
    /// CHECK: asked whether it can receive NOS, and whose it is.
    pub payout: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<SetPayout>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    check_payout(accounts.payout.account(), &accounts.node.authority, &accounts.config.nos_mint)?;
    let node = &mut accounts.node;
    node.payout = *accounts.payout.address();
    node.emit_updated(node.address());
    Ok(())
}

/// Fails unless `payout` can receive NOS and belongs to `authority`.
///
/// Otherwise a node could name a market's own vault, which no settlement there could pass twice.
pub fn check_payout(payout: &AccountView, authority: &Address, mint: &Address) -> Result<()> {
    require!(token::can_receive(payout, mint), JobsError::CannotReceive);
    require!(token::belongs_to(payout, authority), JobsError::PayoutNotOwned);
    Ok(())
}

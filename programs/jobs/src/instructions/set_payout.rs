use anchor_lang::prelude::*;
use nosana_program_common::token;

use crate::{
    errors::JobsError,
    state::{Config, Node},
};

/// # Specification
/// - Only the node's authority. `payout` belongs to it and can receive NOS now.
/// - Jobs that are started from now on are paid to `payout`. Running jobs keep the account that
///   they were started with.
#[derive(Accounts)]
pub struct SetPayout {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(mut)]
    pub node: Account<Node>,
    /// CHECK: checked by `token::can_receive` and `token::belongs_to`.
    pub payout: UncheckedAccount,
}

pub fn process_set_payout(ctx: &mut Context<SetPayout>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    check_payout(accounts.payout.account(), &accounts.node.authority, &accounts.config.nos_mint)?;

    let node = &mut accounts.node;
    node.payout = *accounts.payout.address();

    node.emit_updated(node.address());
    Ok(())
}

/// Fails unless `payout` can receive NOS and belongs to `authority`.
///
/// Without the second check a node could name a market's vault. Every settlement in that market
/// would then fail, since it passes the vault twice.
pub fn check_payout(payout: &AccountView, authority: &Address, mint: &Address) -> Result<()> {
    require!(token::can_receive(payout, mint), JobsError::CannotReceive);
    require!(token::belongs_to(payout, authority), JobsError::PayoutNotOwned);
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{cpi_calls, errors::JobsError, state::Node};

/// # Specification
/// - Only the node's authority; also while entry is paused, while the node drains, and in the
///   cooldown of its stake.
/// - Releases all of the node's collateral that no slot, result or seat uses. It does nothing if
///   there is none.
#[derive(Accounts)]
pub struct ReleaseCollateral {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
}

pub fn process_release_collateral(ctx: &mut Context<ReleaseCollateral>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let idle = core::mem::take(&mut accounts.node.idle_collateral);

    cpi_calls::change_lock(
        cpi_calls::RELEASE,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        idle,
    );
    Ok(())
}

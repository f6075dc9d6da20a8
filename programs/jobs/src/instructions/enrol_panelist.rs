use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, stake, unix_now};

use crate::{
    errors::{self, JobsError},
    events::PanelistEnrolled,
    state::{Node, Panelists},
};

/// # Specification
/// - Only the node's authority. With `enrolled`, the node may take seats of panels from now on,
///   with the weight that its own stake has now; again if it is enrolled already. Without, it takes
///   none.
/// - A node takes no seat for a result that was submitted before it enrolled: so nobody makes a
///   node for one dispute. Delegated weight does not count.
/// - The weight of all enrolled nodes is kept: it bounds who can take a seat in a draw.
/// - Leaving reads no account of another program.
#[derive(Accounts)]
pub struct EnrolPanelist {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut, address = ids::PANELISTS)]
    pub panelists: Account<Panelists>,
    /// CHECK: the stake that the node names; `read_stake` checks its content.
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
}

pub fn process_enrol_panelist(ctx: &mut Context<EnrolPanelist>, enrolled: bool) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let mut weight = 0;
    let mut since = 0;
    if enrolled {
        let own = stake::read_stake(accounts.stake.account(), |stake| stake.xnos)
            .map_err(errors::unreadable_stake_error)?;
        weight = own.unwrap_or(0);
        since = unix_now()?;
        require!(weight > 0, JobsError::StakeTooSmall);
    }

    let node = &mut accounts.node;
    accounts.panelists.replace_weight(node.panel_weight, weight)?;
    node.panel_weight = weight;
    node.panel_since = since;

    log_event(PanelistEnrolled { node: *node.address(), weight, since });
    Ok(())
}

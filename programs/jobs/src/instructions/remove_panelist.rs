use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, stake};

use crate::{
    errors::{self, JobsError},
    events::PanelistEnrolled,
    state::{Node, Panelists},
};

/// # Specification
/// - Anyone: a node that is enrolled for panels, and whose own stake has less weight than it
///   enrolled with, is enrolled no more. It could take no seat; without this its weight would count
///   in draws, in which all others then get fewer seats.
#[derive(Accounts)]
pub struct RemovePanelist {
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut, address = ids::PANELISTS)]
    pub panelists: Account<Panelists>,
    /// CHECK: the stake that the node names; `read_stake` checks its content.
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
}

pub fn process_remove_panelist(ctx: &mut Context<RemovePanelist>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let own = stake::read_stake(accounts.stake.account(), |stake| stake.xnos)
        .map_err(errors::unreadable_stake_error)?;
    let node = &mut accounts.node;
    require!(own.unwrap_or(0) < node.panel_weight, JobsError::NotRemovable);

    accounts.panelists.replace_weight(node.panel_weight, 0)?;
    node.panel_weight = 0;
    node.panel_since = 0;

    log_event(PanelistEnrolled { node: *node.address(), weight: 0, since: 0 });
    Ok(())
}

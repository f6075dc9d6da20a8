use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids};
use nosana_protocol::seeds;

use super::set_payout::check_payout;
use crate::{
    constants::VERSION,
    events::NodeRegistered,
    state::{Config, Hardware, Node},
};

/// # Specification
/// - One node for each authority; between one and sixteen slots; the hardware's digest is not zero.
/// - `payout` belongs to the authority and can receive NOS now. If it is closed later, the pay
///   becomes a credit of the job.
#[derive(Accounts)]
pub struct RegisterNode {
    /// Becomes the node's authority; pays the rent.
    #[account(mut)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [seeds::NODE, authority], bump)]
    pub node: Account<Node>,
    /// CHECK: derived from the authority; `work` checks that the stake exists.
    #[account(seeds = [seeds::STAKE, authority], bump, seeds::program = ids::STAKING)]
    pub stake: UncheckedAccount,
    /// CHECK: checked by `token::can_receive` and `token::belongs_to`.
    pub payout: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn process_register_node(ctx: &mut Context<RegisterNode>, hardware: &Hardware) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let authority = *accounts.authority.address();
    check_payout(accounts.payout.account(), &authority, &accounts.config.nos_mint)?;

    let node = &mut accounts.node;
    node.set_hardware(hardware)?;
    node.authority = authority;
    node.payout = *accounts.payout.address();
    node.stake = *accounts.stake.address();
    node.version = VERSION;
    node.bump = ctx.bumps.node;

    log_event(NodeRegistered {
        node: *node.address(),
        authority,
        hardware: hardware.digest,
        capacity: hardware.capacity.into(),
    });
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::ids;
use nosana_protocol::seeds;

use super::set_payout::check_payout;
use crate::{
    constants::VERSION,
    events::NodeRegistered,
    state::{Config, Hardware, Node},
};

/// # Specification
/// - One node an authority; between one and eight slots; the hardware's digest is not empty.
/// - `payout` belongs to the authority and can receive NOS now. If it is closed later, the pay
///   waits in the job.
#[derive(Accounts)]
pub struct RegisterNode {
    /// Works with the node; pays the rent.
    #[account(mut)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [seeds::NODE, authority], bump)]
    pub node: Account<Node>,
    /// CHECK: derived here; whether the stake exists is asked when work is taken.
    #[account(seeds = [seeds::STAKE, authority], bump, seeds::program = ids::STAKING)]
    pub stake: UncheckedAccount,
    /// CHECK: asked whether it can receive NOS.
    pub payout: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<RegisterNode>, hardware: &Hardware) -> Result<()> {
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
    emit!(NodeRegistered {
        node: *node.address(),
        authority,
        hardware: hardware.digest,
        capacity: hardware.capacity.into()
    });
    Ok(())
}

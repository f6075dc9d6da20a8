use anchor_lang::prelude::*;
use nosana_onchain::{ids, token};
use nosana_protocol::seeds;

use crate::{
    constants::{NODE_SLOTS, VERSION},
    errors::JobsError,
    events::NodeRegistered,
    state::{Config, Node},
};

/// # Specification
/// - One node an authority; between one and eight slots; the hardware's digest is not empty.
/// - `payout` belongs to the authority and can receive NOS now. If it is closed later, the pay waits in the job.
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

pub fn handler(ctx: &mut Context<RegisterNode>, hardware: [u8; 32], vram_mib: u32, capacity: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!((1..=NODE_SLOTS).contains(&usize::from(capacity)), JobsError::CapacityOutOfRange);
    require!(hardware != [0; 32], JobsError::EmptyDigest);
    require!(token::can_receive(accounts.payout.account(), &accounts.config.nos_mint), JobsError::CannotReceive);
    // Otherwise a node could name a market's own vault, which no settlement there could pass twice.
    let authority = accounts.authority.address();
    require!(token::belongs_to(accounts.payout.account(), authority), JobsError::PayoutNotOwned);
    let node = &mut accounts.node;
    node.authority = *accounts.authority.address();
    node.payout = *accounts.payout.address();
    node.stake = *accounts.stake.address();
    node.hardware = hardware;
    node.vram_mib = vram_mib;
    node.capacity = capacity;
    node.version = VERSION;
    node.bump = ctx.bumps.node;
    emit!(NodeRegistered { node: *node.address(), authority: node.authority, hardware, capacity: capacity.into() });
    Ok(())
}

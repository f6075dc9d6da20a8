use anchor_lang::prelude::*;
use anchor_spl::token::{self, Mint, TokenAccount};
use nosana_program_common::{deployer, ids, unix_now};
use nosana_protocol::{seeds, units::NOS_DECIMALS};

use crate::{
    constants::{LAYOUT_VERSION, MAX_EPOCH_SECONDS, MIN_EPOCH_SECONDS},
    errors::RewardsError,
    state::Pool,
};

/// # Specification
/// - Only the upgrade authority of the program, and only once. It becomes admin and guardian.
/// - `epoch_seconds` is between one minute and 30 days, and never changes.
/// - The mint has 6 decimals and no freeze authority. The vault is a token account of the mint
///   whose authority is the pool.
#[derive(Accounts)]
pub struct Initialize {
    /// Upgrade authority of the program; pays the rent; becomes admin and guardian.
    #[account(mut)]
    pub deployer: Signer,
    #[account(init, payer = deployer, seeds = [seeds::POOL], bump)]
    pub pool: Account<Pool>,
    #[account(owner = ids::TOKEN)]
    pub mint: Account<Mint>,
    #[account(
        init,
        payer = deployer,
        seeds = [seeds::VAULT],
        bump,
        token::mint = mint,
        token::authority = pool
    )]
    pub vault: Account<TokenAccount>,
    /// CHECK: this program, read for the address of its data.
    #[account(address = crate::ID)]
    pub program: UncheckedAccount,
    /// CHECK: compared with the address that `program` names, then read for the upgrade authority.
    pub program_data: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_initialize(ctx: &mut Context<Initialize>, epoch_seconds: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let deployer = *accounts.deployer.address();
    require!(
        deployer::is_upgrade_authority(
            accounts.program.account(),
            accounts.program_data.account(),
            &deployer
        ),
        RewardsError::NotDeployer
    );
    require!(
        (MIN_EPOCH_SECONDS..=MAX_EPOCH_SECONDS).contains(&epoch_seconds),
        RewardsError::EpochOutOfRange
    );
    let mint = &accounts.mint;
    require!(
        mint.decimals() == NOS_DECIMALS && !mint.has_freeze_authority(),
        RewardsError::UnsuitableMint
    );

    let pool = &mut accounts.pool;
    pool.admin = deployer;
    pool.guardian = deployer;
    pool.nos_mint = *accounts.mint.address();
    pool.vault = *accounts.vault.address();
    pool.updated = unix_now()?;
    pool.epoch_seconds = epoch_seconds;
    pool.version = LAYOUT_VERSION;
    pool.bump = ctx.bumps.pool;
    pool.invariant()
}

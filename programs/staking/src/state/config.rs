use anchor_lang::prelude::*;
use nosana_protocol::seeds;

use crate::errors::StakingError;

/// The one configuration of the program, and the authority of its vault. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// Names the next admin and the guardian. Touches nobody's stake.
    pub admin: Address,
    /// Who was proposed as the next admin; zero if nobody.
    pub pending_admin: Address,
    /// May pause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS.
    pub nos_mint: Address,
    /// The token account that holds all stakes.
    pub vault: Address,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while entry is paused.
    pub paused: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
    /// For later fields.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Config>() == 296);

impl Config {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, StakingError::Paused);
        Ok(())
    }

    /// Seeds by which the configuration signs for the vault.
    pub const fn signer_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::CONFIG, bump]
    }
}

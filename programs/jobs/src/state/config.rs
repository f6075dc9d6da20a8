use anchor_lang::prelude::*;
use nosana_protocol::seeds;

/// The one configuration of the program. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// May change the configuration, once the instructions for it exist.
    pub admin: Address,
    /// Who was proposed as the next admin; zero if nobody.
    pub pending_admin: Address,
    /// May pause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS, 6 decimals.
    pub nos_mint: Address,
    /// The network's fee on what nodes earn, for jobs listed from now on.
    pub network_fee_bps: u16,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Bump of the signer by which this program calls staking: `["authority"]`.
    pub authority_bump: u8,
    /// Not zero while entry is paused.
    pub paused: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 2],
    /// For later fields: timelocked changes, among others.
    pub reserved: [u8; 192],
}

const _: () = assert!(core::mem::size_of::<Config>() == 328);

impl Config {
    /// Seeds by which this program signs towards staking.
    pub const fn authority_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::AUTHORITY, bump]
    }
}

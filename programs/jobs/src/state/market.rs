use anchor_lang::prelude::*;
use nosana_protocol::seeds;

use crate::state::MarketTerms;

/// A market: one price, one set of clocks and requirements, one queue. Read-only in a job's life,
/// so that jobs of one market do not wait for each other on it. Seeds: `["market", creator, id]`.
#[account]
pub struct Market {
    /// Who opened it: part of its address.
    pub creator: Address,
    /// Who may change its terms and close it.
    pub authority: Address,
    /// Who was proposed as the next authority; zero if nobody.
    pub pending_authority: Address,
    /// Its queue: `["queue", market]`.
    pub queue: Address,
    /// Its token account: `["vault", market]`.
    pub vault: Address,
    /// The terms in force.
    pub terms: MarketTerms,
    /// The terms that were announced; see `announced_from`.
    pub announced: MarketTerms,
    /// When the announced terms may be applied, in unix seconds; zero if none were.
    pub announced_from: i64,
    /// Since when the terms are in force, in unix seconds; zero for those it was opened with.
    pub terms_since: i64,
    /// Tells the markets of one creator apart.
    pub id: u64,
    /// Base units in the vault that are paid back when the market is closed.
    pub deposit: u64,
    /// How long a change of terms is announced before it may be applied. Fixed when the market is
    /// opened.
    pub notice_seconds: u32,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero once it takes nothing new any more.
    pub retired: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// For later fields.
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Market>() == 480);

impl Market {
    /// Seeds by which the market signs for its vault.
    pub fn signer_seeds<'a>(&'a self, id: &'a [u8; 8], bump: &'a [u8; 1]) -> [&'a [u8]; 4] {
        [seeds::MARKET, self.creator.as_ref(), id, bump]
    }
}

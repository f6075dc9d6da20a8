use anchor_lang::prelude::*;
use nosana_protocol::seeds;

use crate::state::MarketTerms;

/// A market: one price, one set of clocks and requirements, one queue. Seeds: `["market", creator,
/// id]`.
///
/// The instructions of a job only read it, so that jobs of one market do not lock each other out.
#[account]
pub struct Market {
    /// Opened the market; part of its address.
    pub creator: Address,
    /// May change the terms, retire and close the market.
    pub authority: Address,
    /// The proposed next authority; zero if there is none.
    pub pending_authority: Address,
    /// The market's queue. Seeds: `["queue", market]`.
    pub queue: Address,
    /// The market's token account. Seeds: `["vault", market]`.
    pub vault: Address,
    /// The terms in force.
    pub terms: MarketTerms,
    /// The announced terms; see `announced_from`.
    pub announced: MarketTerms,
    /// Unix timestamp from which the announced terms can be applied; zero if none are announced.
    pub announced_from: i64,
    /// Unix timestamp since when the terms require this access collection; zero if they always did.
    pub collection_since: i64,
    /// Distinguishes the markets of one creator.
    pub id: u64,
    /// Base units in the vault that are returned when the market is closed.
    pub deposit: u64,
    /// How long a change of terms is announced before it can be applied, in seconds. Fixed when the
    /// market is opened.
    pub notice_seconds: u32,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Nonzero once the market is retired.
    pub retired: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// How often the terms have changed that bind nodes to start jobs; see
    /// [`MarketTerms::binds_nodes_like`].
    pub terms_revision: u32,
    /// For later fields.
    pub reserved: [u8; 20],
}

const _: () = assert!(core::mem::size_of::<Market>() == 480);

impl Market {
    /// Returns the seeds by which the market signs for its vault.
    pub fn signer_seeds<'a>(&'a self, id: &'a [u8; 8], bump: &'a [u8; 1]) -> [&'a [u8]; 4] {
        [seeds::MARKET, self.creator.as_ref(), id, bump]
    }
}

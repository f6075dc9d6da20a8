use anchor_lang::prelude::*;
use nosana_protocol::seeds;

/// A market: one price, one set of clocks and requirements, one queue. Read-only once it is open, so that jobs of one
/// market do not wait for each other on it. Seeds: `["market", authority, id]`.
#[account]
pub struct Market {
    /// Who opened it.
    pub authority: Address,
    /// Who was proposed as the next authority; zero if nobody.
    pub pending_authority: Address,
    /// Its queue: `["queue", market]`.
    pub queue: Address,
    /// Its token account: `["vault", market]`.
    pub vault: Address,
    /// A collection of which nodes must hold a token; zero if none.
    pub access_collection: Address,
    /// Tells the markets of one authority apart.
    pub id: u64,
    /// What a job pays, in base units a second.
    pub price_per_second: u64,
    /// The least xNOS a node's stake must have.
    pub min_xnos: u64,
    /// Base units of a node's stake that are locked for each job.
    pub collateral_per_job: u64,
    /// Base units of that collateral which a node loses if it takes a job and does not start it.
    pub no_start_penalty: u64,
    /// The longest timeout a job may have.
    pub max_timeout_seconds: u64,
    /// From a match to the start.
    pub start_seconds: u32,
    /// Between two heartbeats.
    pub heartbeat_seconds: u32,
    /// From the end of the timeout to the last moment for a result.
    pub finish_grace_seconds: u32,
    /// From a result to its settlement.
    pub challenge_seconds: u32,
    /// From a settlement to the moment the job's account may be closed.
    pub retention_seconds: u32,
    /// GPU memory a node must have, in MiB.
    pub min_vram_mib: u32,
    /// How many of 10,000 results are audited. Reserved: nothing is audited yet.
    pub audit_rate_bps: u16,
    /// How often a job may be queued again.
    pub max_attempts: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 3],
    /// For later fields: changes in their notice period, among others.
    pub reserved: [u8; 192],
}

const _: () = assert!(core::mem::size_of::<Market>() == 432);

impl Market {
    /// Seeds by which the market signs for its vault.
    pub fn signer_seeds<'a>(&'a self, id: &'a [u8; 8], bump: &'a [u8; 1]) -> [&'a [u8]; 4] {
        [seeds::MARKET, self.authority.as_ref(), id, bump]
    }
}

//! The numbers of the tests. The price is odd, so that fees and shares have to be rounded.

use nosana_client::{
    actions::{DelegationLimits, JobListing},
    jobs::types::{Endpoint, Hardware, MarketTerms, SocketAddress},
};
use nosana_protocol::job::Kind;
use solana_address::Address;

/// Base units in one NOS.
pub const NOS: u64 = 1_000_000;
/// Lamports in one SOL.
pub const SOL: u64 = 1_000_000_000;
/// The initial balance of each wallet, in base units.
pub const INITIAL_BALANCE: u64 = 1_000_000 * NOS;
/// The time at the start of each test, in unix seconds: the first second of a reward epoch.
pub const START: i64 = 1_800_000_000;
/// Length of a reward epoch in seconds.
pub const EPOCH: u64 = 3_600;
/// The network's fee in basis points.
pub const FEE_BPS: u16 = 1_000;
/// The stake of nodes and stakers, in base units.
pub const STAKE: u64 = 10_000 * NOS;
/// The duration of these stakes, in seconds: the longest, for four times the weight.
pub const DURATION: u64 = 365 * 86_400;
/// The deposit of a market, in base units.
pub const MARKET_DEPOSIT: u64 = 50 * NOS;
/// The notice of a change of the market's terms, in seconds.
pub const NOTICE: u32 = 86_400;
/// The nodes' hardware: two slots.
pub const HARDWARE: Hardware = Hardware {
    digest: [0x4a; 32],
    vram_mib: 24_576,
    prompt_tokens_per_second: 10_000,
    capacity: 2,
    capabilities: 0b11,
    memory_mib: 16_384,
};
/// An endpoint with a relay and one address.
pub fn example_endpoint() -> Endpoint {
    let text = b"https://relay.example.com/";
    let mut relay = [0; 64];
    relay[..text.len()].copy_from_slice(text);

    let first = SocketAddress { ip: [0x20; 16], port: 4433 };
    Endpoint { id: [0xe1; 32], relay, sockets: [first, SocketAddress { ip: [0; 16], port: 0 }] }
}

/// Digest of the jobs' definitions.
pub const DEFINITION: [u8; 32] = [0xde; 32];
/// The sketch of the work on verified jobs.
pub const SKETCH: [u8; 32] = [0x3c; 32];
/// Another sketch, with which it does not agree.
pub const OTHER_SKETCH: [u8; 32] = [0x55; 32];
/// The salt of every commitment.
pub const SALT: [u8; 32] = [0xa1; 32];
/// Digest of the jobs' results.
pub const RESULT: [u8; 32] = [0x5e; 32];

/// A delegator who accepts all terms.
pub const ANY_TERMS: DelegationLimits =
    DelegationLimits { commission_bps: 10_000, duration_seconds: u64::MAX };

/// Returns the limits of a delegator who accepts this commission, and any cooldown.
pub const fn up_to(commission_bps: u16) -> DelegationLimits {
    DelegationLimits { commission_bps, ..ANY_TERMS }
}

/// The market of the tests: results are paid at once.
pub const fn terms() -> MarketTerms {
    MarketTerms {
        price_per_second: 47,
        min_xnos: 100 * NOS,
        collateral_per_job: 10 * NOS,
        no_start_penalty: NOS,
        access_collection: Address::new_from_array([0; 32]),
        max_timeout_seconds: 3_600,
        queue_seconds: 86_400,
        start_seconds: 120,
        heartbeat_seconds: 60,
        finish_grace_seconds: 30,
        challenge_seconds: 0,
        retention_seconds: 300,
        min_vram_mib: 8_192,
        min_prompt_tokens_per_second: 1_000,
        panel_fee_bps: 0,
        min_reputation_bps: 0,
        max_attempts: 3,
        max_parallel: 16,
        min_timeout_seconds: 1,
        min_run_seconds: 0,
        dispute_seconds: 0,
        min_collateral_ratio: 0,
    }
}

/// The same market with a challenge window of ten minutes.
pub const fn challenged() -> MarketTerms {
    MarketTerms { challenge_seconds: 600, ..terms() }
}

/// The same market with verified jobs. A panel's fee is a quarter of the price of the timeout.
pub const fn verified_terms() -> MarketTerms {
    MarketTerms {
        panel_fee_bps: 2_500,
        dispute_seconds: 600,
        min_collateral_ratio: 20,
        ..challenged()
    }
}

/// A batch job of ten minutes at the market's price.
pub const fn batch(nonce: u64) -> JobListing {
    JobListing {
        nonce,
        definition: DEFINITION,
        kind: Kind::Batch as u8,
        timeout_seconds: 600,
        max_price_per_second: terms().price_per_second,
        is_private: false,
    }
}

/// A service of ten minutes at the market's price.
pub const fn service(nonce: u64) -> JobListing {
    JobListing { kind: Kind::Service as u8, ..batch(nonce) }
}

/// A verified batch job of ten minutes at the market's price.
pub const fn verified(nonce: u64) -> JobListing {
    JobListing { kind: Kind::VerifiedBatch as u8, ..batch(nonce) }
}

/// Returns what `seconds` of work earn in [`terms`]: the node's pay and the network's fee on it.
pub const fn earnings(seconds: u64) -> (u64, u64) {
    let pay = seconds * terms().price_per_second;
    (pay, pay * FEE_BPS as u64 / 10_000)
}

/// The deposit of [`batch`] and [`service`].
pub const fn deposit() -> u64 {
    let (pay, fee) = earnings(600);
    pay + fee
}

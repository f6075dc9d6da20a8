//! Events of markets, and of the configuration.

use anchor_lang::prelude::*;

/// A market was opened.
#[event(bytemuck)]
pub struct MarketOpened {
    pub market: Address,
    pub authority: Address,
    pub price_per_second: u64,
}

/// New terms of a market were announced. If `from` is zero, they are in force now.
#[event(bytemuck)]
pub struct MarketTermsChanged {
    pub market: Address,
    pub price_per_second: u64,
    pub from: i64,
}

/// The proposed authority of a market accepted.
#[event(bytemuck)]
pub struct MarketHandedOver {
    pub market: Address,
    pub authority: Address,
}

/// A market was retired: it accepts no new jobs and no new nodes.
#[event(bytemuck)]
pub struct MarketRetired {
    pub market: Address,
}

/// A market was closed. `amount` was in its vault: its deposit, and tokens that others sent there.
#[event(bytemuck)]
pub struct MarketClosed {
    pub market: Address,
    pub amount: u64,
}

/// The fees of a market were sent to the reward pool.
#[event(bytemuck)]
pub struct FeesSwept {
    pub market: Address,
    pub amount: u64,
}

/// A policy was announced. If `from` is zero, it is in force now.
#[event(bytemuck)]
pub struct PolicyChanged {
    pub market_deposit: u64,
    pub max_timeout_seconds: u64,
    pub network_fee_bps: u64,
    pub from: i64,
}

/// The admin or the guardian changed, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}

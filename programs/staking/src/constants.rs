//! Limits of the staking program.

/// The layout of this program's accounts.
pub const VERSION: u8 = 1;
/// The smallest stake, in base units: 1 NOS. It keeps the rounding of weights and rewards beneath notice.
pub const MIN_STAKE: u64 = 1_000_000;

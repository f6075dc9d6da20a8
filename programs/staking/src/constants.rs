//! Limits of the staking program.

/// The layout of this program's accounts.
pub const VERSION: u8 = 1;
/// The lowest minimum of a stake or a delegation, in base units: 1 NOS. It keeps the rounding of
/// weights, shares and rewards beneath notice, and is the minimum at first.
pub const LOWEST_MIN_STAKE: u64 = 1_000_000;
/// The highest minimum, in base units: 10,000 NOS.
pub const HIGHEST_MIN_STAKE: u64 = 10_000_000_000;
/// The reporter's share of a penalty at first: a tenth.
pub const REPORTER_BPS: u16 = 1_000;

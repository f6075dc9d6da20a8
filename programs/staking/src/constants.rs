//! Limits of the staking program.

/// Version of the layout of this program's accounts.
pub const LAYOUT_VERSION: u8 = 1;
/// Lowest minimum of a stake or a delegation, in base units: 1 NOS. It keeps the rounding of
/// weights, shares and rewards negligible. It is also the initial minimum.
pub const LOWEST_MIN_STAKE: u64 = 1_000_000;
/// Highest minimum of a stake or a delegation, in base units: 10,000 NOS.
pub const HIGHEST_MIN_STAKE: u64 = 10_000_000_000;
/// Initial share of a penalty that the reporter of a fault gets, in basis points: a tenth.
pub const INITIAL_REPORTER_BPS: u16 = 1_000;

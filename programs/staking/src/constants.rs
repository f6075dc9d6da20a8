//! Limits of the staking program.

use nosana_protocol::units::Seconds;

/// Version of the layout of this program's accounts.
pub const LAYOUT_VERSION: u8 = 1;
/// Lowest minimum of a stake or a delegation, in base units: 1 NOS. It keeps the rounding of
/// weights, shares and rewards negligible. It is also the initial minimum.
pub const LOWEST_MIN_STAKE: u64 = 1_000_000;
/// Highest minimum of a stake or a delegation, in base units: 10,000 NOS.
pub const HIGHEST_MIN_STAKE: u64 = 10_000_000_000;
/// How much later the cooldown of those begins who leave without settling their position: one day.
/// Until someone settles it, the position holds back a part of the others' income. Leaving like
/// this gains nothing; the day is its price.
pub const UNSETTLED_DELAY: Seconds = Seconds(86_400);
/// Initial share of a penalty that the reporter of a fault gets, in basis points: a tenth.
pub const INITIAL_REPORTER_BPS: u16 = 1_000;

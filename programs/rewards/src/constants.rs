//! Limits of the rewards program.

/// The layout of this program's accounts.
pub const VERSION: u8 = 1;
/// The shortest epoch, in seconds. A shorter one would let income be taken by those who stay for a
/// moment.
pub const MIN_EPOCH_SECONDS: u64 = 60;
/// The longest epoch, in seconds: 30 days.
pub const MAX_EPOCH_SECONDS: u64 = 30 * 86_400;

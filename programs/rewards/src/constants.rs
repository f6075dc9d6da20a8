//! Limits of the rewards program.

/// Version of the layout of this program's accounts.
pub const LAYOUT_VERSION: u8 = 1;
/// Shortest epoch, in seconds. With a shorter one, those who enter only briefly could take income.
pub const MIN_EPOCH_SECONDS: u64 = 60;
/// Longest epoch, in seconds: 30 days.
pub const MAX_EPOCH_SECONDS: u64 = 30 * 86_400;

// `Pool::invariant` compares the stored length, which never changes, with these bounds. Narrower
// bounds in a later version would block every claim and exit of a pool that was initialized before.
const _: () = assert!(MIN_EPOCH_SECONDS <= 60 && MAX_EPOCH_SECONDS >= 30 * 86_400);

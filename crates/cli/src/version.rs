//! What `nosana --version` prints.

use std::sync::LazyLock;

use nosana_client::{jobs, rewards, staking};
use solana_address::Address;

/// The version and the commit.
pub const SHORT: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("NOSANA_COMMIT"), ")");

/// The programs that this version calls, by name.
pub const PROGRAMS: [(&str, Address); 3] =
    [(jobs::NAME, jobs::ID), (staking::NAME, staking::ID), (rewards::NAME, rewards::ID)];

/// The layout version of the accounts that this version reads and the programs write.
pub const LAYOUT_VERSION: u8 = 1;

/// The version, the commit, and the addresses of the programs.
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let programs = PROGRAMS.map(|(name, address)| format!("\n{name:<16} {address}"));
    SHORT.to_owned() + &programs.concat()
});

//! Accounts of the staking program. The layout of [`Stake`] is in the crate that all three programs
//! share.

pub mod config;
pub mod delegation;
pub mod stake;

pub use {
    config::Config,
    delegation::Delegation,
    stake::{Stake, StakeInvariant},
};

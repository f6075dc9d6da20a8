//! The accounts of the staking program. [`Stake`] stands in the crate that all three programs share.

pub mod config;

pub use {config::Config, nosana_onchain::stake::Stake};

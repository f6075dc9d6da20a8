//! The accounts of the staking program.

pub mod config;
pub mod stake;

pub use {config::Config, stake::Stake};

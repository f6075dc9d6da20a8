//! The accounts of the staking program. [`Stake`] stands in the crate that all three programs
//! share.

pub mod config;
pub mod delegation;

pub use {config::Config, delegation::Delegation, nosana_program_common::stake::Stake};

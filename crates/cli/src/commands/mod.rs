//! The subcommands.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`job`], [`node`], [`model`], [`market`], [`stake`], [`rewards`] | groups of commands, one file each |
//! | [`wallet`] | keys, and what they have |
//! | [`localnet`], [`bench`], [`store`], [`completions`], [`doctor`] | one command each |
//! | [`connection`] | options of every command that uses the network; they open a [`context`] |
//! | [`dates`] | times as dates |
//! | [`funds`], [`payer`] | whether a wallet can pay; the wallet that pays |
//! | [`model_source`], [`size`] | models as users name them; sizes of files |
//! | [`solana_config`] | the configuration of the Solana tools |
//! | [`values`] | parsing and printing of amounts and addresses |

pub mod bench;
pub mod completions;
pub mod connection;
pub mod context;
mod dates;
pub mod doctor;
mod funds;
pub mod job;
pub mod localnet;
pub mod market;
pub mod model;
pub mod model_source;
pub mod node;
mod payer;
pub mod rewards;
pub mod size;
mod solana_config;
pub mod stake;
pub mod store;
pub mod values;
pub mod wallet;

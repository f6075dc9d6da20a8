//! The subcommands.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`job`], [`dispute`], [`node`], [`model`], [`market`], [`stake`], [`rewards`] | groups of commands, one file each |
//! | [`gateway`] | public URLs for ports of jobs |
//! | [`deploy`] | keeps replicas of a service running |
//! | [`state_folder`] | the folder for what survives a process |
//! | [`wallet`] | keys, and what they have |
//! | [`store`], [`explorer`] | content on this machine; a page that shows the marketplace |
//! | [`localnet`], [`bench`], [`completions`], [`doctor`] | one command each |
//! | [`connection`] | options of every command that uses the network; they open a [`context`] |
//! | [`client_network`] | the endpoint of a command: content from nodes and for them |
//! | [`dates`] | times as dates |
//! | [`funds`], [`payer`] | whether a wallet can pay; the wallet that pays |
//! | [`model_source`], [`size`] | models as users name them; sizes of files |
//! | [`private_store`] | the content of this user's private jobs |
//! | [`public_urls`] | the public URLs of a job's ports |
//! | [`solana_config`] | the configuration of the Solana tools |
//! | [`unused_gpu`] | a graphics card that this build does not use |
//! | [`values`] | parsing and printing of amounts and addresses |

pub mod bench;
pub mod client_network;
pub mod completions;
mod connection;
pub mod context;
mod dates;
pub mod deploy;
pub mod dispute;
pub mod doctor;
pub mod explorer;
mod funds;
pub mod gateway;
pub mod job;
pub mod localnet;
pub mod market;
pub mod model;
pub mod model_source;
pub mod node;
mod payer;
mod private_store;
mod public_urls;
pub mod rewards;
pub mod size;
mod solana_config;
pub mod stake;
mod state_folder;
pub mod store;
mod unused_gpu;
pub mod values;
pub mod wallet;

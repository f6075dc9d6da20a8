//! A local Solana network inside this process: JSON-RPC and websocket on 127.0.0.1, blocks by the
//! clock, programs at their own addresses, time that can be moved forward. No validator binary, no
//! download, no state on disk.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use nosana_localnet::{Localnet, LocalnetConfig};
//!
//! let network = Localnet::start(LocalnetConfig::default()).await?;
//! println!("{} {}", network.rpc_url(), network.ws_url());
//! network.advance_seconds(3600).await?;
//! network.stop().await
//! # }
//! ```
//!
//! The network is `surfpool-core` over LiteSVM. What differs from a real cluster: there are no
//! votes, so a block is confirmed by the next one and final 31 later; block hashes are the same on
//! every fresh start, and so is the genesis hash; chain time is the start plus the slot time per
//! block, so it lags behind the host's clock. Ask the network for the time
//! ([`Localnet::unix_time`]), never the host.

mod clock;
mod config;
mod events;
mod genesis;
mod network;
mod ports;
mod program;
mod runloop;
mod surfpool;
mod world;

pub use config::LocalnetConfig;
pub use network::Localnet;
pub use program::ProgramFile;
pub use world::{World, WorldConfig, default_terms};

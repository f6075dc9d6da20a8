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
//! The network is `surfpool-core` over LiteSVM. Differences to a real cluster: there are no votes,
//! so a block is confirmed by the next one and finalized 31 blocks later; block hashes are
//! identical on every fresh start, and so is the genesis hash; chain time is the start plus the
//! slot time per block, so it falls behind the host's clock. Read the time from the network
//! ([`Localnet::unix_time`]), never from the host.
//!
//! | module | purpose |
//! | --- | --- |
//! | `network`, `config`, `clock` | a running network, its configuration and its time |
//! | `genesis`, `program` | the state before the first block |
//! | `run_loop`, `surfpool`, `events` | threads, surfpool's run loop and its events |
//! | `ports` | the two ports |
//! | `world`, `world_config` | a network with the whole protocol |

mod clock;
mod config;
mod events;
mod genesis;
mod network;
mod ports;
mod program;
mod run_loop;
mod surfpool;
mod world;
mod world_config;

pub use config::LocalnetConfig;
pub use network::Localnet;
pub use program::ProgramFile;
pub use world::World;
pub use world_config::{WorldConfig, default_terms, windowless_terms};

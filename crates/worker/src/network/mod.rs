//! The node's endpoint: how clients and other nodes reach it, what it keeps for them, and where it
//! gets content from.
//!
//! | module | purpose |
//! | --- | --- |
//! | `config` | how the endpoint is set up |
//! | `announce` | writes the endpoint's address into the node's account |
//! | `node_network` | the endpoint and its services |
//! | `job_content` | content of this node's jobs: from others, and for others |
//! | `private_content` | content of private jobs: from their clients, and for them |

mod announce;
mod config;
mod job_content;
mod node_network;
mod private_content;

pub use config::NetworkConfig;
pub(crate) use node_network::{NetworkOwner, NodeNetwork};

//! The accounts of the jobs program.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`config`] | the configuration: authorities, policy, pause |
//! | [`dispute`] | a dispute over a job's result, and its seats |
//! | [`endpoint`] | where clients can connect to a node |
//! | [`market`] | a market |
//! | [`terms`] | the terms of a market and their bounds |
//! | [`queue`] | the queue of a market |
//! | [`job`] | a job |
//! | [`node`] | a node and its hardware |
//! | [`slot`] | the place for one job on a node |
//! | [`panelists`] | the weight of all nodes that are enrolled for panels |

pub mod config;
pub mod dispute;
pub mod endpoint;
pub mod job;
pub mod market;
pub mod node;
pub mod panelists;
pub mod queue;
pub mod slot;
pub mod terms;

pub use {
    config::Config,
    dispute::{Dispute, Seat},
    endpoint::{Endpoint, SocketAddress},
    job::Job,
    market::Market,
    node::{Gates, Hardware, Node},
    panelists::Panelists,
    queue::{Queue, QueueCell, QueueHeader, with_fifo},
    slot::Slot,
    terms::MarketTerms,
};

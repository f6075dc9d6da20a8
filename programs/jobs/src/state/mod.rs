//! The accounts of the jobs program.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`config`] | the configuration: authorities, policy, pause |
//! | [`market`] | a market |
//! | [`terms`] | the terms of a market and their bounds |
//! | [`queue`] | the queue of a market |
//! | [`job`] | a job |
//! | [`node`] | a node and its slots |

pub mod config;
pub mod job;
pub mod market;
pub mod node;
pub mod queue;
pub mod terms;

pub use {
    config::Config,
    job::Job,
    market::Market,
    node::{Hardware, Node, Slot},
    queue::{Queue, QueueCell, QueueHeader, with_fifo},
    terms::MarketTerms,
};

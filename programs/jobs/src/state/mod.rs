//! The accounts of the jobs program.

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

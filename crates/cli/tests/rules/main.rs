//! The terms of a market and the limits of a job, as clients and owners experience them.

mod acceptance;
mod access;
mod clocks;
mod full_queue;
mod hardware;
mod limits;
mod pipeline;
#[path = "../site/mod.rs"]
mod site;
mod terms;

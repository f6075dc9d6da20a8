//! What the terms of a market and the limits of a job mean for those who use them.

mod access;
mod clocks;
mod hardware;
mod limits;
mod pipeline;
#[path = "../site/mod.rs"]
mod site;
mod terms;

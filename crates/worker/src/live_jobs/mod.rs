//! What clients see of jobs while they run: their logs, and the ports that they expose.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`registry`] | the jobs of this node, from the start of a run until some time after its end |
//! | [`run`] | one run: its log, and its ports |
//! | [`running_time`] | how long its operations have run |
//! | [`source`] | what one operation or step prints, and how its ports are reached |
//! | [`port`] | one port: how it is reached, and whether it is ready |
//! | [`health`], [`check`] | when a port is ready; one check |
//! | [`check_request`] | what a check over HTTP sends |
//! | [`failure_notes`] | when the log says why a port is not ready |
//! | [`dials`] | how many connections to ports are being made at once |
//! | [`host`] | serves them to clients |

mod check;
mod check_request;
mod dials;
mod failure_notes;
mod health;
mod host;
mod port;
mod registry;
mod run;
mod running_time;
mod source;
#[cfg(test)]
mod tests;

pub use self::{registry::LiveJobs, run::LiveRun};
pub(crate) use self::{registry::RegisteredRun, source::OutputSource};

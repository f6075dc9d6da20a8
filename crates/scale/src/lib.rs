//! A discrete-event model of markets with up to 100,000 nodes: how long jobs wait, how busy nodes
//! are, how often jobs return to the queue, and how full the blocks of the chain become.
//!
//! Jobs and nodes wait in the queue of a market by those rules of docs/jobs.md that decide who
//! waits for how long; `market` has what is left out. Transactions cost what the suites
//! `throughput` and `compute` measured, and wait for a block with room: all transactions of a
//! market that write its queue share the limit of one account. `nosana bench scale` shows the
//! figures.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`scenario`] | what is simulated |
//! | [`service`] | how long jobs run, and when they are listed |
//! | [`costs`] | what transactions cost, and how many jobs blocks have room for |
//! | [`load`] | how much work clients list |
//! | [`sweep`] | markets of all sizes under all loads |
//! | [`point`] | one of these combinations, simulated |
//! | [`average`] | several simulations of the same scenario |
//! | [`replay`] | a run of the real harness, simulated again |
//! | [`comparison`] | such a run beside the measured one |
//! | [`outcome`] | what was measured |
//! | [`engine`] | the markets as models of `nexosim` |
//! | `market` | one market |
//! | `chain` | the blocks |
//! | `event`, `record`, `time` | what happens, what is counted, and when |
//! | [`fault`] | why a simulation cannot be run |

pub mod average;
mod chain;
pub mod comparison;
pub mod costs;
pub mod engine;
mod event;
pub mod fault;
pub mod load;
mod market;
pub mod outcome;
pub mod point;
mod record;
pub mod replay;
pub mod scenario;
pub mod service;
pub mod sweep;
#[cfg(test)]
mod tests;
mod time;

//! A GPU node: takes jobs from a market, runs them, commits to their results, is paid.
//!
//! What a node has promised stands in its account on the chain, so after a crash it reads that
//! account and goes on: a job that it runs is run again, one that it took is started, one that met
//! it while it waited is found. A [`journal`] saves the work that was done already; it is believed
//! only as far as the chain agrees with it.
//!
//! | module | what for |
//! | --- | --- |
//! | [`prepare`], [`hardware`] | GPU, benchmark, stake, registration |
//! | [`work`], [`slots`] | the loop from one job to the next, on what the chain says of the slots |
//! | [`matching`], [`offer`] | how a node and a job come together |
//! | [`agreed`], [`room`] | what keeps a node from asking for new work |
//! | [`run`], [`check`], [`perform`] | one job: checked, started, run, committed to, or given back |
//! | [`serve`] | a service: run until its end, proven by heartbeats |
//! | [`conclude`], [`journal`], [`state`] | what outlives the process |
//! | [`keeper`] | what other nodes left |
//! | [`execute`] | the job's operations; the same code serves to check a result without a marketplace |
//! | [`events`], [`metrics`] | what a worker tells |

pub mod agreed;
pub mod check;
pub mod conclude;
pub mod events;
pub mod execute;
pub mod hardware;
pub mod journal;
pub mod keeper;
mod kill;
pub mod matching;
pub mod metrics;
pub mod offer;
pub mod perform;
pub mod prepare;
pub mod room;
pub mod run;
pub mod serve;
pub mod slots;
pub mod state;
pub mod work;
#[cfg(test)]
mod zeroed;

pub use nosana_sandbox::Cancel;

pub use agreed::Wanted;
pub use events::{GaveBack, WorkerEvent, WorkerSummary};
pub use execute::Executor;
pub use hardware::Machine;
pub use metrics::{Metrics, MetricsServer};
pub use prepare::{Worker, WorkerConfig};

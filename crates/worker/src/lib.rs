//! A GPU node: takes jobs from a market, runs them, commits to their results, is paid.
//!
//! The node keeps no state of its own. What it has promised stands in its account on the chain, so after a crash it
//! reads that account and goes on: a job that it runs is run again, one that it took is started, one that met it while
//! it waited is found.
//!
//! | module | what for |
//! | --- | --- |
//! | [`prepare`] | GPU, benchmark, stake, registration |
//! | [`work`] | the loop from one job to the next |
//! | [`run`] | one job, from start to result |
//! | [`execute`] | the job's operations; the same code serves to check a result without a marketplace |
//! | [`events`] | what a worker tells |

pub mod events;
pub mod execute;
pub mod matching;
pub mod prepare;
pub mod run;
pub mod work;

pub use events::{WorkerEvent, WorkerSummary};
pub use execute::Executor;
pub use prepare::{Worker, WorkerConfig};

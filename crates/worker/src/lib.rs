//! A GPU node: takes jobs from a market, runs them, submits their results and is paid.
//!
//! The node's account on the chain holds everything that the node has promised. After a crash the
//! worker reads that account and continues: it runs a running job again, starts a job that it took,
//! and finds a job that matched it while it waited. A journal saves the work that was done already;
//! the worker trusts it only as far as the chain agrees.
//!
//! The modules follow the path of a job:
//!
//! | module | purpose |
//! | --- | --- |
//! | `worker`, `registration`, `hardware` | prepare the GPU, the stake and the node's account |
//! | `main_loop`, `slots` | from one job to the next, driven by the slots of the account |
//! | `request_work`, `matching` | request work, find the job that matched the node |
//! | `accepted_terms`, `disk_space`, `kept_devices` | reasons to request no new work |
//! | `job` | one job: accept, start, run, submit the result or give the job back |
//! | `execute` | the operations; the same code recomputes a result without a marketplace |
//! | `live_jobs` | logs and ports of running jobs, for their clients |
//! | `network` | the endpoint: content from and for clients and other nodes |
//! | `refused`, `return_cause` | definitions refused for good; why a job goes back |
//! | `dispute` | defend results, judge those of others, check them |
//! | `crank` | expire what other nodes left |
//! | `store_write` | writes to the content store, which are tried again |
//! | `restart_backoff` | how soon operations that have ended begin again |
//! | `settle_results`, `journal`, `state_folder` | what outlives the process |
//! | `transaction`, `events`, `event_sink`, `metrics` | send instructions, report every step |

mod accepted_terms;
mod clock;
mod crank;
mod disk_space;
mod dispute;
mod durable_file;
mod event_sink;
mod events;
mod execute;
mod hardware;
mod job;
mod journal;
mod kept_devices;
mod kill;
mod live_jobs;
mod main_loop;
mod matching;
mod metrics;
mod network;
mod refused;
mod registration;
mod request_work;
mod restart_backoff;
mod return_cause;
mod settle_results;
mod slots;
mod state_folder;
mod store_write;
mod transaction;
mod worker;
#[cfg(test)]
mod zeroed_accounts;

pub use nosana_sandbox::CancelToken;

pub use accepted_terms::{AcceptedTerms, RequestedTerms};
pub use dispute::{
    CheckedResult, ClaimedResult, DisputableContent, ResultReading, VerificationConfig,
    check_and_sketch, check_result, read_result,
};
pub use events::{GaveBack, WorkerEvent, WorkerSummary};
pub use execute::{Examination, Executor, ResultComparison};
pub use hardware::Machine;
pub use live_jobs::{LiveJobs, LiveRun};
pub use metrics::{Metrics, MetricsServer};
pub use network::NetworkConfig;
pub use worker::{Worker, WorkerConfig};

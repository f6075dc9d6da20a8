//! What a node keeps for others, and what of its own jobs it lets others read.
//!
//! The content of private jobs is in a store for each job: only the job's client and payer read it,
//! and only they send it, while the node has the job.
//!
//! A node keeps an object only if a job that is not closed names it, and only so many bytes for
//! each job and in all: filling its disk costs the rent and the deposit of a listed job for each
//! 256 MiB. Own and kept content are in separate stores, so that removing one never touches the
//! other.
//!
//! | module | purpose |
//! | --- | --- |
//! | `bounds` | the bounds of what a node keeps and reads |
//! | `chain_admission` | decides about requests by the chain |
//! | `chain_clock` | the chain's time |
//! | `named_content` | which content a job names |
//! | `judged_content` | content of disputed jobs that the node judges |
//! | `job_index` | which objects belong to which job, on the disk |
//! | `job_reader` | accounts of jobs, read at a bounded rate |
//! | `private_admission` | decides about requests for content of private jobs |
//! | `private_jobs` | the content of this node's private jobs, a store for each |
//! | `input_cache` | which inputs the definitions of private jobs name |
//! | `own_job_reader` | accounts of private jobs, of which each has its own reads |
//! | `taken_content` | content of the node's own public jobs: its bounds, and its end |
//! | `taken_jobs` | the public jobs that the node has taken |
//! | `pushed_source` | waits for the content that the client of a private job sends |
//! | `sweep` | removes what no job names any more |
//! | `private_sweep` | removes the content of private jobs |
//! | `doubts` | since when the chain contradicts that content is needed |

mod bounds;
mod chain_admission;
mod chain_clock;
mod doubts;
mod input_cache;
mod job_index;
mod job_reader;
mod judged_content;
mod named_content;
mod own_job_reader;
mod private_admission;
mod private_jobs;
mod private_sweep;
mod pushed_source;
mod sweep;
mod taken_content;
mod taken_jobs;
#[cfg(test)]
pub(crate) mod tests;

pub use chain_admission::{ChainAdmission, HeldObject, HoldLimits};
pub use job_index::{IndexError, JobIndex};
pub use private_jobs::{ActivePrivateJob, PrivateJobs};
pub use pushed_source::PushedSource;
pub use sweep::MAX_HOLD_SECONDS;
pub use taken_jobs::TakenJob;

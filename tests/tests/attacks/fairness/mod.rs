//! Attempts to cost others time or money without paying for it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `wasted_jobs` | nodes that take jobs and waste them |
//! | `waits` | waits in the queue and for a start, and the penalty for a missed start |
//! | `runs` | what a run earns, and what ends it |
//! | `market_terms` | terms that change, and their bounds |
//! | `cancelled` | jobs that were cancelled while they were matched |
//! | `returned` | jobs that waiting nodes give back |

mod cancelled;
mod market_terms;
mod returned;
mod runs;
mod waits;
mod wasted_jobs;

use nosana_protocol::job::{Reason, State};
use solana_address::Address;

use crate::World;

async fn state_of(world: &World, job: &Address) -> (State, Reason) {
    let job = world.job(job).await;
    (State::from_byte(job.state).unwrap(), Reason::from_byte(job.reason).unwrap())
}

//! How long whole jobs take on LiteSVM, in one thread.
//!
//! The time of a transaction includes its compilation and the signature of the sender. The runtime
//! does not verify signatures, and keeps no ledger.

use std::time::{Duration, Instant};

use nosana_tests::{Lite, World};
use solana_signer::Signer;

use crate::{
    WARM_UP_JOBS,
    job::{Role, Step, next_nonce},
};

/// The times of whole jobs.
pub struct Timings {
    /// The number of jobs.
    pub jobs: u32,
    /// The time of all transactions.
    pub total: Duration,
    /// The median time of each instruction's transactions.
    pub medians: Vec<(Step, Duration)>,
}

impl Timings {
    /// Whole jobs in a second.
    pub fn jobs_per_second(&self) -> f64 {
        f64::from(self.jobs) / self.total.as_secs_f64()
    }

    /// Transactions in a second.
    pub fn transactions_per_second(&self) -> f64 {
        self.jobs_per_second() * self.medians.len() as f64
    }
}

/// Runs jobs one after the other, with nonces after `last_nonce`, and returns the times of all but
/// the first ones.
pub async fn time_jobs(
    world: &World<Lite>,
    role: &Role<'_>,
    last_nonce: u64,
    jobs: u32,
) -> Timings {
    let client = role.client.pubkey();
    let mut nonce = last_nonce;
    let mut times: [Vec<Duration>; Step::ALL.len()] = Default::default();

    for number in 0..WARM_UP_JOBS + jobs {
        nonce = next_nonce(&client, nonce + 1);
        for (step, of_step) in Step::ALL.into_iter().zip(&mut times) {
            let time = time_step(world, role, step, nonce).await;
            if number >= WARM_UP_JOBS {
                of_step.push(time);
            }
        }
    }

    let total = times.iter().flatten().sum();
    let medians = Step::ALL.into_iter().zip(times.map(find_median)).collect();
    Timings { jobs, total, medians }
}

/// Sends the next transaction of a job, and returns its time.
async fn time_step(world: &World<Lite>, role: &Role<'_>, step: Step, nonce: u64) -> Duration {
    let request = role.prepare(world, step, nonce).await;

    let begun = Instant::now();
    request.send(world).await;
    begun.elapsed()
}

/// The median of at least one time; the upper one of two.
fn find_median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn the_median_ignores_what_is_slow_once() {
    let times = [3, 1, 900, 2, 4].map(Duration::from_micros);
    assert_eq!(find_median(times.to_vec()), Duration::from_micros(3));
    assert_eq!(find_median(times[..1].to_vec()), Duration::from_micros(3));
}

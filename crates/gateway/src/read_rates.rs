//! How often visitors cause reads of the chain. Names of jobs cost nothing to make up, and RPC
//! servers have quotas.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use nosana_net::RateLimit;

use crate::{refusal::Refusal, visitor::counted_network};

/// Of one visitor, at once and then in each second.
const VISITOR_BURST: u32 = 20;
const VISITOR_RATE: f64 = 2.0;
/// Of all visitors, for jobs that were not running a minute ago. Those that were cost their clients
/// money, so there are only so many.
const NEW_BURST: u32 = 100;
const NEW_RATE: f64 = 20.0;
/// The most visitors that are remembered.
const MAX_VISITORS: usize = 4_096;

/// Bounds the reads.
#[derive(Debug)]
pub(crate) struct ReadRates {
    visitors: Mutex<HashMap<IpAddr, RateLimit>>,
    new_jobs: RateLimit,
}

impl Default for ReadRates {
    fn default() -> Self {
        Self { visitors: Mutex::default(), new_jobs: RateLimit::new(NEW_BURST, NEW_RATE) }
    }
}

impl ReadRates {
    /// Counts a read that a visitor causes.
    ///
    /// # Errors
    /// If there were too many, of this visitor or of all.
    pub(crate) fn admit_read(&self, visitor: IpAddr, is_new_job: bool) -> Result<(), Refusal> {
        if !self.takes_visitor_token(visitor) {
            return Err(Refusal::too_many_jobs_of_visitor());
        }
        if is_new_job && self.new_jobs.take_token(Duration::ZERO).is_none() {
            return Err(Refusal::too_many_jobs());
        }
        Ok(())
    }

    fn takes_visitor_token(&self, visitor: IpAddr) -> bool {
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        let key = counted_network(visitor);

        if visitors.len() >= MAX_VISITORS && !visitors.contains_key(&key) {
            visitors.retain(|_, limit| !limit.is_full());
            // So many networks at once: the bound of all counts.
            if visitors.len() >= MAX_VISITORS {
                return true;
            }
        }
        let limit =
            visitors.entry(key).or_insert_with(|| RateLimit::new(VISITOR_BURST, VISITOR_RATE));
        limit.take_token(Duration::ZERO).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Outcome;

    #[tokio::test]
    async fn reads_are_bounded_for_a_visitor_and_in_all() {
        let rates = ReadRates::default();
        let ip = |last| IpAddr::from([10, 0, 0, last]);
        let refused = |admitted: Result<(), Refusal>| admitted.unwrap_err().outcome;

        for _ in 0..VISITOR_BURST {
            rates.admit_read(ip(1), true).unwrap();
        }
        assert_eq!(refused(rates.admit_read(ip(1), true)), Outcome::TooMany);
        rates.admit_read(ip(2), true).unwrap();

        // The bound of all is for jobs that nobody knows.
        for last in 10..30 {
            for _ in 0..10 {
                let _ = rates.admit_read(ip(last), true);
            }
        }
        assert_eq!(refused(rates.admit_read(ip(3), true)), Outcome::Busy);
        rates.admit_read(ip(3), false).unwrap();
    }
}

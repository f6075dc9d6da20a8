//! Requests, and the time for them.

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};

/// The requests of a measurement for each that runs at the same time: so many that the first and
/// the last ones, which do not fill a batch, weigh little.
const REQUESTS_EACH: usize = 6;
/// The fewest requests of a measurement.
const MIN_REQUESTS: usize = 8;

/// Returns the number of requests of a measurement.
pub fn count_requests(in_flight: usize) -> usize {
    in_flight.saturating_mul(REQUESTS_EACH).max(MIN_REQUESTS)
}

/// The tokens that were generated or the sentences that were embedded, and the time for them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// The requests that ran at the same time.
    pub in_flight: usize,
    /// The requests.
    pub requests: usize,
    /// The tokens of all answers, or the sentences of all requests.
    pub items: usize,
    /// The seconds from the first request to the last answer.
    pub seconds: f64,
}

impl Throughput {
    /// Returns the tokens or the sentences in a second.
    pub fn items_per_second(&self) -> f64 {
        self.items as f64 / self.seconds
    }
}

/// Times requests of which `in_flight`, at least 1, run at the same time. `run` runs those with
/// these numbers together, and returns their items.
pub fn time_requests(
    in_flight: usize,
    requests: usize,
    mut run: impl FnMut(Range<usize>) -> Result<usize>,
) -> Result<Throughput> {
    let begun = Instant::now();

    let mut items = 0;
    for first in (0..requests).step_by(in_flight) {
        items += run(first..requests.min(first + in_flight))?;
    }

    let seconds = begun.elapsed().as_secs_f64();
    Ok(Throughput { in_flight, requests, items, seconds })
}

/// Times requests of `in_flight` callers, at least 1: each makes the next one when its last one has
/// ended. `run` makes the one with this number, and returns its items.
pub fn time_callers(
    in_flight: usize,
    requests: usize,
    run: impl Fn(usize) -> Result<usize> + Sync,
) -> Result<Throughput> {
    let next = AtomicUsize::new(0);
    let make_requests = || -> Result<usize> {
        let mut items = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return Ok(items);
            }
            items += run(number)?;
        }
    };

    let begun = Instant::now();
    let items = thread::scope(|scope| {
        let callers: Vec<_> = (0..in_flight).map(|_| scope.spawn(make_requests)).collect();
        let ended = callers.into_iter().map(|caller| caller.join());
        ended.map(|items| items.map_err(|_| anyhow!("a caller panicked"))?).sum::<Result<usize>>()
    })?;

    let seconds = begun.elapsed().as_secs_f64();
    Ok(Throughput { in_flight, requests, items, seconds })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use anyhow::bail;

    use super::*;

    #[test]
    fn each_request_runs_once_and_its_items_count() {
        let mut together = Vec::new();
        let timed = time_requests(4, 10, |numbers| {
            together.push(numbers.clone());
            Ok(numbers.len() * 3)
        });

        let timed = timed.unwrap();
        assert_eq!(together, [0..4, 4..8, 8..10]);
        assert_eq!((timed.in_flight, timed.requests, timed.items), (4, 10, 30));
        assert!(time_requests(4, 10, |_| bail!("no device")).is_err());
    }

    #[test]
    fn callers_make_each_request_once_and_side_by_side() {
        let made = Mutex::new(Vec::new());
        let both_run = std::sync::Barrier::new(2);
        let timed = time_callers(2, 6, |number| {
            both_run.wait();
            made.lock().unwrap().push(number);
            Ok(number)
        });

        let timed = timed.unwrap();
        assert_eq!((timed.in_flight, timed.requests, timed.items), (2, 6, 15));
        let mut made = made.into_inner().unwrap();
        made.sort_unstable();
        assert_eq!(made, [0, 1, 2, 3, 4, 5]);
        assert!(time_callers(2, 6, |_| bail!("no device")).is_err());
    }

    #[test]
    fn speed_is_of_all_items() {
        let timed = Throughput { in_flight: 1, requests: 8, items: 1_024, seconds: 16.0 };
        assert_eq!(timed.items_per_second(), 64.0);
        assert_eq!([1, 4].map(count_requests), [8, 24]);
    }
}

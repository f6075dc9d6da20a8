//! Requests, and the time for them.

use std::{ops::Range, time::Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// The requests of a measurement for each that runs at the same time: so many that the first and
/// the last ones, which do not fill a batch, weigh little.
const REQUESTS_EACH: usize = 4;
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

#[cfg(test)]
mod tests {
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
    fn speed_is_of_all_items() {
        let timed = Throughput { in_flight: 1, requests: 8, items: 1_024, seconds: 16.0 };
        assert_eq!(timed.items_per_second(), 64.0);
        assert_eq!([1, 4].map(count_requests), [8, 16]);
    }
}

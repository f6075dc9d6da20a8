//! How long jobs run, and when they are listed.

use fastrand::Rng;
use serde::Serialize;

use crate::{
    fault::Fault,
    time::{Nanos, from_seconds},
};

/// How long jobs run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum ServiceTimes {
    /// Exponentially distributed around a mean, in seconds.
    Exponential(f64),
    /// Each job draws one of these measured durations, in seconds.
    Measured(Vec<f64>),
    /// Each job in the order of the listings has its own, in seconds. It is for replays.
    InOrder(Vec<f64>),
}

/// When jobs are listed in one market.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Arrivals {
    /// A Poisson process, and batches of jobs that are listed at once.
    Random {
        /// Single jobs in a second.
        rate: f64,
        /// Batches in a second, also a Poisson process.
        batch_rate: f64,
        /// Jobs of a batch.
        batch: usize,
    },
    /// At these times, in seconds. It is for replays.
    At(Vec<f64>),
}

/// Draws an exponentially distributed number with this mean.
pub fn draw_exponential(rng: &mut Rng, mean: f64) -> f64 {
    -mean * (1.0 - rng.f64()).ln()
}

impl ServiceTimes {
    /// How long the harness of `tests/tests/throughput` runs a job (`RUN_SECONDS`). No record of
    /// real markets exists yet: a report of `nosana bench demo` replaces it.
    pub const DEFAULT: Self = Self::Exponential(30.0);

    /// Checks that there are durations, and that they are positive.
    ///
    /// # Errors
    /// If not.
    pub fn check(&self) -> Result<(), Fault> {
        let is_positive = |seconds: &f64| seconds.is_finite() && *seconds > 0.0;
        let are_positive = match self {
            Self::Exponential(mean) => is_positive(mean),
            Self::Measured(all) | Self::InOrder(all) => {
                !all.is_empty() && all.iter().all(is_positive)
            }
        };
        if are_positive { Ok(()) } else { Err(Fault::Scenario("a run must take time")) }
    }

    /// Returns the mean, in seconds.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Exponential(mean) => *mean,
            Self::Measured(all) | Self::InOrder(all) => all.iter().sum::<f64>() / all.len() as f64,
        }
    }

    /// Draws how long a job runs. `job` counts the jobs of its market from zero.
    pub fn draw(&self, job: usize, rng: &mut Rng) -> Nanos {
        let seconds = match self {
            Self::Exponential(mean) => draw_exponential(rng, *mean),
            Self::Measured(all) => all[rng.usize(..all.len())],
            Self::InOrder(all) => all[job % all.len()],
        };
        from_seconds(seconds).max(1)
    }

    /// Draws how long a job still runs that is found running: longer runs are found more often, at
    /// each of their moments equally.
    pub fn draw_rest(&self, rng: &mut Rng) -> Nanos {
        let seconds = match self {
            Self::Exponential(mean) => draw_exponential(rng, *mean),
            Self::Measured(all) | Self::InOrder(all) => {
                let moment = rng.f64() * all.iter().sum::<f64>();
                find_rest(all, moment)
            }
        };
        from_seconds(seconds).max(1)
    }
}

/// Returns the time from a moment of durations in a row to the end of the one in which it is.
fn find_rest(all: &[f64], moment: f64) -> f64 {
    let mut end = 0.0;
    for seconds in all {
        end += seconds;
        if moment < end {
            return end - moment;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::to_seconds;

    fn mean_of(mut draw: impl FnMut(&mut Rng) -> Nanos) -> f64 {
        let mut rng = Rng::with_seed(3);
        (0..20_000).map(|_| to_seconds(draw(&mut rng))).sum::<f64>() / 20_000.0
    }

    #[test]
    fn draws_have_their_mean() {
        let exponential = ServiceTimes::Exponential(4.0);
        let measured = ServiceTimes::Measured(vec![1.0, 3.0]);
        assert_eq!((exponential.mean(), measured.mean()), (4.0, 2.0));
        assert!((mean_of(|rng| exponential.draw(0, rng)) - 4.0).abs() < 0.1);
        assert!((mean_of(|rng| measured.draw(0, rng)) - 2.0).abs() < 0.05);
    }

    /// The mean of the rest is the second moment over twice the mean.
    #[test]
    fn what_is_left_of_a_run_that_is_found() {
        let exponential = ServiceTimes::Exponential(4.0);
        let measured = ServiceTimes::Measured(vec![1.0, 3.0]);
        assert!((mean_of(|rng| exponential.draw_rest(rng)) - 4.0).abs() < 0.1);
        assert!((mean_of(|rng| measured.draw_rest(rng)) - 1.25).abs() < 0.05);
        assert_eq!([find_rest(&[1.0, 3.0], 0.25), find_rest(&[1.0, 3.0], 2.0)], [0.75, 2.0]);
    }

    #[test]
    fn runs_must_take_time() {
        let refused = [
            ServiceTimes::Exponential(0.0),
            ServiceTimes::Measured(Vec::new()),
            ServiceTimes::InOrder(vec![1.0, f64::NAN]),
        ];
        assert!(refused.iter().all(|times| times.check().is_err()));
        assert!(ServiceTimes::DEFAULT.check().is_ok());
    }
}

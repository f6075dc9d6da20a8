//! How long jobs run, and when they are listed.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::{
    fault::Fault,
    time::{Nanos, from_seconds},
};

/// How long jobs run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServiceTimes {
    /// Exponentially distributed around a mean, in seconds.
    Exponential(f64),
    /// Each job draws one of these measured durations, in seconds.
    Measured(Vec<f64>),
    /// Each job in the order of the listings has its own, in seconds. It is for replays.
    InOrder(Vec<f64>),
}

/// When jobs are listed.
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
    /// An assumption: no record of real markets exists yet. A report of `nosana bench demo`
    /// replaces it.
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

    /// Returns the mean time from the start of a run until its slot is free again, in seconds, if
    /// that is at least `shortest`.
    pub fn mean_at_least(&self, shortest: f64) -> f64 {
        match self {
            Self::Exponential(mean) => shortest + mean * (-shortest / mean).exp(),
            Self::Measured(all) | Self::InOrder(all) => {
                all.iter().map(|run| run.max(shortest)).sum::<f64>() / all.len() as f64
            }
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
pub fn find_rest(all: &[f64], moment: f64) -> f64 {
    let mut end = 0.0;
    for seconds in all {
        end += seconds;
        if moment < end {
            return end - moment;
        }
    }
    0.0
}

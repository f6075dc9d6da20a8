//! Several simulations of the same scenario, with other random numbers.

use serde::Serialize;

use crate::outcome::{ChainLoad, Outcome, WaitTimes};

/// The lowest and the highest of several figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The lowest.
    pub least: f64,
    /// The highest.
    pub most: f64,
}

impl Spread {
    /// Returns the spread of these figures; `None` if there are none.
    pub fn of_figures(figures: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let least = figures.clone().min_by(f64::total_cmp)?;
        let most = figures.max_by(f64::total_cmp)?;
        Some(Self { least, most })
    }
}

/// Returns what these simulations measured together: sums of counts, and means of all others.
/// Waiting times are not known if they are not in one of them.
pub fn average_outcomes(outcomes: &[Outcome]) -> Outcome {
    let sum = |part: fn(&Outcome) -> u64| outcomes.iter().map(part).sum();
    let mean = |part: fn(&Outcome) -> f64| mean_of(outcomes.iter().map(part));
    let finished: u64 = sum(|outcome| outcome.finished);
    let returned: u64 = sum(|outcome| outcome.returned);
    let seconds: f64 = outcomes.iter().map(|outcome| outcome.seconds).sum();

    Outcome {
        seconds,
        listed: sum(|outcome| outcome.listed),
        started: sum(|outcome| outcome.started),
        unstarted: sum(|outcome| outcome.unstarted),
        backlog_growth: outcomes.iter().map(|outcome| outcome.backlog_growth).sum(),
        finished,
        jobs_per_second: mean(|outcome| outcome.jobs_per_second),
        waits: average_waits(outcomes),
        utilization: mean(|outcome| outcome.utilization),
        returned,
        requeues_per_job: returned as f64 / finished.max(1) as f64,
        exhausted: sum(|outcome| outcome.exhausted),
        late_starts: sum(|outcome| outcome.late_starts),
        failures: sum(|outcome| outcome.failures),
        chain: ChainLoad {
            account_share: mean(|outcome| outcome.chain.account_share),
            block_share: mean(|outcome| outcome.chain.block_share),
            transactions_per_second: mean(|outcome| outcome.chain.transactions_per_second),
        },
        last_finish_seconds: mean(|outcome| outcome.last_finish_seconds),
    }
}

fn average_waits(outcomes: &[Outcome]) -> Option<WaitTimes> {
    let waits: Vec<WaitTimes> =
        outcomes.iter().map(|outcome| outcome.waits).collect::<Option<_>>()?;
    let mean = |part: fn(&WaitTimes) -> f64| mean_of(waits.iter().map(part));

    Some(WaitTimes {
        mean: mean(|waits| waits.mean),
        median: mean(|waits| waits.median),
        p95: mean(|waits| waits.p95),
        p99: mean(|waits| waits.p99),
    })
}

/// Returns the mean of figures; zero if there are none.
fn mean_of(figures: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = figures.len().max(1) as f64;
    figures.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_summed_and_the_others_averaged() {
        let of_p95 = |p95: f64, finished: u64| Outcome {
            seconds: 10.0,
            finished,
            returned: 1,
            utilization: p95 / 10.0,
            waits: Some(WaitTimes { p95, ..WaitTimes::default() }),
            ..Outcome::default()
        };
        let both = [of_p95(1.0, 3), of_p95(4.0, 5)];
        let average = average_outcomes(&both);
        assert_eq!((average.seconds, average.finished), (20.0, 8));
        assert_eq!((average.utilization, average.requeues_per_job), (0.25, 0.25));
        assert_eq!(average.waits.map(|waits| waits.p95), Some(2.5));

        let unknown = Outcome { waits: None, ..both[0].clone() };
        assert_eq!(average_outcomes(&[both[1].clone(), unknown]).waits, None);
    }

    #[test]
    fn a_spread_is_from_the_lowest_to_the_highest() {
        let spread = Spread::of_figures([2.0, 1.0, 3.0].into_iter());
        assert_eq!(spread, Some(Spread { least: 1.0, most: 3.0 }));
        assert_eq!(Spread::of_figures([].into_iter()), None);
    }
}

//! What one way to run the model gave, compared with the reference.

use serde::Serialize;

use super::claims::Claim;

/// Of a thousand runs of a way that the bounds claim to catch, so many must exceed one.
const CAUGHT_OF_THOUSAND: usize = 999;
/// The rule of three (Hanley and Lippman-Hand, 1983): where none of `n` runs fails, fewer than
/// `3 / n` of all runs do, with 95 % confidence.
const RULE_OF_THREE: f64 = 3.0;

/// What one way to run the model gave, compared with the reference.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The device, or how work is saved.
    pub name: String,
    /// What the bounds claim of it.
    pub claim: Claim,
    /// Why the bounds catch it, or do not; empty for what is honest.
    pub reason: &'static str,
    /// The largest difference of a vector's component, or the largest margin of an answer's token.
    pub deviation: Spread,
    /// The bits of the sketch that differ from the reference's.
    pub bits: Spread,
    /// The runs that exceed a bound of the report, of all.
    pub caught: usize,
    /// All runs.
    pub runs: usize,
}

/// How figures spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The smallest one.
    pub min: f64,
    /// The one in the middle.
    pub median: f64,
    /// The one that 99 of 100 do not exceed.
    pub most: f64,
    /// The largest one.
    pub max: f64,
}

/// One run: its deviation, and the bits that differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    pub deviation: f64,
    pub bits: u32,
}

/// The bounds beyond which a run is caught.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// The largest accepted deviation.
    pub deviation: f64,
    /// The most bits that may differ.
    pub bits: u32,
}

impl Case {
    /// Summarizes the runs.
    pub fn from_runs(
        name: impl Into<String>,
        (claim, reason): (Claim, &'static str),
        runs: &[Run],
        bounds: Bounds,
    ) -> Self {
        // As nodes judge it: what is not a number is wrong.
        let differs = |run: &Run| run.deviation.is_nan() || run.deviation > bounds.deviation;
        let is_caught = |run: &&Run| differs(run) || run.bits > bounds.bits;

        Self {
            name: name.into(),
            claim,
            reason,
            deviation: Spread::of(runs.iter().map(|run| run.deviation)),
            bits: Spread::of(runs.iter().map(|run| f64::from(run.bits))),
            caught: runs.iter().filter(is_caught).count(),
            runs: runs.len(),
        }
    }

    /// Returns the part of all honest runs below which those beyond a bound are, with 95 %
    /// confidence, where none of the measured ones is; `None` if one is, and for what is not
    /// honest.
    pub fn false_alarm_rate(&self) -> Option<f64> {
        let is_clean = self.claim == Claim::Honest && self.caught == 0 && self.runs > 0;
        is_clean.then_some((RULE_OF_THREE / self.runs as f64).min(1.0))
    }

    /// Returns what contradicts the claim.
    pub fn find_fault(&self) -> Option<String> {
        let Self { name, caught, runs, .. } = self;

        match self.claim {
            Claim::Honest if *caught > 0 => {
                Some(format!("{name}: {caught} of {runs} honest runs exceed a bound"))
            }
            Claim::Caught if caught * 1_000 < runs * CAUGHT_OF_THOUSAND => Some(format!(
                "{name}: {caught} of {runs} runs exceed a bound, and nearly all should, because \
                 {}",
                self.reason
            )),
            Claim::Honest | Claim::Caught | Claim::NotCaught => None,
        }
    }
}

impl Spread {
    /// Summarizes figures; of none, all are zero.
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let index = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
            sorted.get(index).copied().unwrap_or_default()
        };

        Self { min: at(0.0), median: at(0.5), most: at(0.99), max: at(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_extremes_and_the_middle() {
        let spread = Spread::of((0..=200).rev().map(f64::from));
        assert_eq!(spread, Spread { min: 0.0, median: 100.0, most: 198.0, max: 200.0 });
        assert_eq!(Spread::of([7.0].into_iter()).median, 7.0);
        assert_eq!(Spread::of(std::iter::empty()), Spread::default());
    }

    #[test]
    fn a_run_beyond_either_bound_is_caught() {
        let runs = [(0.1, 3), (0.3, 3), (0.1, 9), (0.2, 8), (f64::NAN, 0)]
            .map(|(deviation, bits)| Run { deviation, bits });
        let bounds = Bounds { deviation: 0.2, bits: 8 };
        let case = Case::from_runs("a", (Claim::NotCaught, ""), &runs, bounds);
        assert_eq!((case.caught, case.runs), (3, 5));
    }

    fn sample_case(claim: Claim, caught: usize, runs: usize) -> Case {
        let run = |number| Run { deviation: 0.0, bits: u32::from(number < caught) * 9 };
        let runs: Vec<Run> = (0..runs).map(run).collect();
        let bounds = Bounds { deviation: 0.2, bits: 8 };
        Case::from_runs("a way", (claim, "of this"), &runs, bounds)
    }

    fn find_sample_fault(claim: Claim, caught: usize, runs: usize) -> Option<String> {
        sample_case(claim, caught, runs).find_fault()
    }

    #[test]
    fn runs_without_a_false_alarm_bound_their_rate() {
        let rate = |claim, caught, runs| sample_case(claim, caught, runs).false_alarm_rate();
        assert_eq!(rate(Claim::Honest, 0, 1_000), Some(0.003));
        assert_eq!(rate(Claim::Honest, 0, 200), Some(0.015));
        assert_eq!(rate(Claim::Honest, 0, 2), Some(1.0), "two runs say nothing");
        assert_eq!(rate(Claim::Honest, 1, 1_000), None);
        assert_eq!(rate(Claim::Honest, 0, 0), None);
        assert_eq!(rate(Claim::NotCaught, 0, 1_000), None);
    }

    #[test]
    fn one_convicted_honest_run_is_a_fault() {
        assert_eq!(find_sample_fault(Claim::Honest, 0, 1_000), None);
        assert!(
            find_sample_fault(Claim::Honest, 1, 1_000).unwrap().contains("1 of 1000 honest runs")
        );
    }

    #[test]
    fn a_claimed_cheat_is_caught_in_nearly_every_run() {
        assert_eq!(find_sample_fault(Claim::Caught, 999, 1_000), None);
        assert!(
            find_sample_fault(Claim::Caught, 998, 1_000).unwrap().contains("a way: 998 of 1000")
        );
        assert_eq!(find_sample_fault(Claim::Caught, 200, 200), None);
        assert!(find_sample_fault(Claim::Caught, 199, 200).is_some(), "99.5 %");
    }

    #[test]
    fn of_other_cheats_nothing_is_claimed() {
        for caught in [0, 8, 16] {
            assert_eq!(find_sample_fault(Claim::NotCaught, caught, 16), None);
        }
    }
}

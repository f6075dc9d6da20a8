//! What one way to run the model gave, compared with the reference.

use serde::Serialize;

/// What one way to run the model gave, compared with the reference.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The device, or how work is saved.
    pub name: String,
    /// Whether a node that runs it is honest.
    pub is_honest: bool,
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
        is_honest: bool,
        runs: &[Run],
        bounds: Bounds,
    ) -> Self {
        let is_caught = |run: &&Run| run.deviation > bounds.deviation || run.bits > bounds.bits;

        Self {
            name: name.into(),
            is_honest,
            deviation: Spread::of(runs.iter().map(|run| run.deviation)),
            bits: Spread::of(runs.iter().map(|run| f64::from(run.bits))),
            caught: runs.iter().filter(is_caught).count(),
            runs: runs.len(),
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
        let runs = [(0.1, 3), (0.3, 3), (0.1, 9), (0.2, 8)]
            .map(|(deviation, bits)| Run { deviation, bits });
        let case = Case::from_runs("a", false, &runs, Bounds { deviation: 0.2, bits: 8 });
        assert_eq!((case.caught, case.runs), (2, 4));
    }
}

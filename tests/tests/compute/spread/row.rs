//! The spread of what an instruction cost.

use serde_json::{Value, json};

use super::Sample;

/// The smallest, the median and the largest number of compute units of an instruction.
pub struct SpreadRow {
    /// What the suite calls the instruction.
    pub label: &'static str,
    /// The number of samples.
    pub count: u64,
    pub min: u64,
    pub median: u64,
    pub max: u64,
    /// The most bumps that a sample passed over.
    pub steps: u64,
}

/// Returns a row for each instruction, in the order of their first samples.
pub fn group_samples(samples: &[Sample]) -> Vec<SpreadRow> {
    let mut labels: Vec<&'static str> = Vec::new();
    for sample in samples {
        if !labels.contains(&sample.label) {
            labels.push(sample.label);
        }
    }

    labels.into_iter().map(|label| SpreadRow::new(label, samples)).collect()
}

impl SpreadRow {
    /// The row of the samples of this instruction, at least one.
    fn new(label: &'static str, samples: &[Sample]) -> Self {
        let of_label = samples.iter().filter(|sample| sample.label == label);
        let steps = of_label.clone().map(|sample| sample.steps).max().unwrap_or_default();
        let mut units: Vec<u64> = of_label.map(|sample| sample.units).collect();
        units.sort_unstable();

        Self {
            label,
            count: units.len() as u64,
            min: units[0],
            median: units[(units.len() - 1) / 2],
            max: units[units.len() - 1],
            steps,
        }
    }

    /// Returns the row as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "instruction": self.label,
            "min": self.min,
            "median": self.median,
            "max": self.max,
            "steps": self.steps,
        })
    }
}

#[test]
fn rows_have_the_least_the_median_and_the_most() {
    let sample = |label, units, steps| Sample { label, units, steps };
    let samples =
        [sample("list", 9, 4), sample("work", 1, 0), sample("list", 5, 0), sample("list", 6, 1)];
    let rows = group_samples(&samples);

    let labels: Vec<&str> = rows.iter().map(|row| row.label).collect();
    assert_eq!(labels, ["list", "work"]);
    let SpreadRow { count, min, median, max, steps, .. } = rows[0];
    assert_eq!((count, min, median, max, steps), (3, 5, 6, 9, 4));
}

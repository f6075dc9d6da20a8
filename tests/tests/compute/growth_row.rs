//! What an instruction costs beside different numbers of others.

use serde_json::{Value, json};

/// The largest slope, in compute units: one in a thousand others.
const MAX_SLOPE: f64 = 0.001;

/// Compute units by instruction, in the order in which they are measured.
pub type Costs = Vec<(&'static str, u64)>;

/// An instruction beside different numbers of others.
#[derive(Clone)]
pub struct GrowthRow {
    /// What there are more and more of.
    growing: &'static str,
    instruction: &'static str,
    /// Compute units without any others; `None` if that was not measured.
    alone: Option<u64>,
    /// How many there are.
    counts: Vec<u32>,
    /// Compute units beside each of these numbers.
    pub units: Vec<u64>,
}

/// Returns a row for each instruction, given the costs beside each of these numbers of others.
pub fn collect_rows(growing: &'static str, counts: &[u32], series: &[Costs]) -> Vec<GrowthRow> {
    let Some(first) = series.first() else { return Vec::new() };
    let row = |(index, &(instruction, _)): (usize, &(&'static str, u64))| GrowthRow {
        growing,
        instruction,
        alone: None,
        counts: counts.to_vec(),
        units: series.iter().map(|costs| costs[index].1).collect(),
    };

    first.iter().enumerate().map(row).collect()
}

impl GrowthRow {
    /// Adds the cost without any others, which the slope leaves out.
    pub fn with_alone(self, costs: &[(&'static str, u64)]) -> Self {
        let found = costs.iter().find(|(instruction, _)| *instruction == self.instruction);
        Self { alone: found.map(|(_, units)| *units), ..self }
    }

    /// Prints the row.
    pub fn print_row(&self) {
        let Self { growing, instruction, alone, counts, units } = self;
        let slope = self.fit_slope();
        let alone = alone.map_or_else(String::new, |alone| format!(", {alone} alone"));
        println!("{growing:<22} {instruction:<22} {slope:>8.4}  {units:?} with {counts:?}{alone}");
    }

    /// Fails if the instruction costs more beside more others.
    pub fn check_slope(&self) {
        let Self { growing, instruction, counts, units, .. } = self;
        assert!(
            self.fit_slope().abs() <= MAX_SLOPE,
            "{instruction} costs {units:?} with {counts:?} {growing}"
        );
    }

    /// Returns the row as JSON, with its slope.
    pub fn to_json(&self) -> Value {
        json!({
            "growing": self.growing,
            "instruction": self.instruction,
            "alone": self.alone,
            "counts": self.counts,
            "units": self.units,
            "slope": self.fit_slope(),
        })
    }

    /// Returns the slope of the line that fits the figures best.
    fn fit_slope(&self) -> f64 {
        let pairs = self.counts.iter().zip(&self.units);
        let points: Vec<(f64, f64)> =
            pairs.map(|(count, units)| (f64::from(*count), *units as f64)).collect();
        let count = points.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));

        let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        covariance / variance
    }
}

#[test]
fn the_slope_is_what_one_more_adds() {
    let series = [10_u64, 30, 50].map(|units| vec![("list", 500), ("work", units)]);
    let rows = collect_rows("jobs", &[0, 10, 20], &series);

    let slopes: Vec<f64> = rows.iter().map(GrowthRow::fit_slope).collect();
    assert_eq!(slopes, [0.0, 2.0]);
    assert_eq!(rows[1].clone().with_alone(&[("list", 7), ("work", 9)]).to_json()["alone"], 9);
    assert!(rows[1].to_json()["alone"].is_null());
    rows[0].check_slope();
    assert!(std::panic::catch_unwind(|| rows[1].check_slope()).is_err());
}

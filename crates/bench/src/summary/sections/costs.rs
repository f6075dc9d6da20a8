//! The cost of each instruction, and the sizes of the programs: `costs.json`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    format::format_thousands,
    html::series::{Series, SeriesBar, SeriesGroup, render_series},
    summary::{
        baseline::{Baseline, Figures},
        compare::format_growth,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The figure of the compute units.
const UNITS: &str = "units";
/// The figure of the floor: compute units of a program that does only what it must.
const FLOOR: &str = "floor";
/// The figure of a program's size.
const SIZE: &str = "size_bytes";
/// The instructions of a whole job, in the situations of the README.
const OF_A_JOB: [&str; 4] = ["jobs.list", "jobs.work, a job waits", "jobs.start", "jobs.finish"];

#[derive(Deserialize)]
struct CostsFile {
    compiler: String,
    figures: Figures,
}

/// The figures of an instruction or a program, and those of the baseline.
struct MeasuredCost<'a> {
    label: &'a str,
    now: &'a BTreeMap<String, u64>,
    before: Option<&'a BTreeMap<String, u64>>,
}

impl MeasuredCost<'_> {
    fn now_of(&self, figure: &str) -> Option<u64> {
        self.now.get(figure).copied()
    }

    fn before_of(&self, figure: &str) -> Option<u64> {
        self.before?.get(figure).copied()
    }

    /// Returns the figure, the baseline's, and the change between them, as cells.
    fn compare_cells(&self, figure: &str) -> [String; 3] {
        let (now, before) = (self.now_of(figure), self.before_of(figure));
        let change = match (before, now) {
            (Some(before), Some(now)) if before == now => "0".to_owned(),
            (Some(before), Some(now)) => format_growth(before as f64, now as f64),
            (None, _) | (_, None) => "–".to_owned(),
        };
        [format_optional(now), format_optional(before), change]
    }
}

/// Reads `costs.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_costs(value: Value, baseline: &Baseline) -> Result<Content> {
    let file: CostsFile =
        serde_json::from_value(value).context("not the format of this version")?;
    let (sizes, instructions): (Vec<MeasuredCost<'_>>, Vec<MeasuredCost<'_>>) = file
        .figures
        .iter()
        .map(|(label, now)| MeasuredCost { label, now, before: baseline.figures.get(label) })
        .partition(|measured| measured.now.contains_key(SIZE));

    Ok(Content {
        headlines: list_headlines(&file.figures, &sizes),
        drawings: draw_units(&instructions),
        tables: vec![list_instructions(&instructions), list_sizes(&sizes)],
        compiler: Some(file.compiler.clone()),
        figures: file.figures.clone(),
        ..Content::default()
    })
}

fn list_headlines(figures: &Figures, sizes: &[MeasuredCost<'_>]) -> Vec<Headline> {
    let units = |label: &str| figures.get(label)?.get(UNITS).copied();
    let of_a_job: Option<Vec<u64>> = OF_A_JOB.into_iter().map(units).collect();

    let whole = of_a_job.map(|units| units.iter().sum::<u64>());
    let whole = whole.map(|units| Headline::new("a whole job", format_units(units)));
    let sizes = sizes.iter().map(|size| {
        Headline::new(size.label, format!("{} bytes", format_optional(size.now_of(SIZE))))
    });
    whole.into_iter().chain(sizes).collect()
}

/// Draws the compute units beside those of the baseline, and the floor where one was measured.
fn draw_units(instructions: &[MeasuredCost<'_>]) -> String {
    let series = [("ours", "now"), ("theirs", "the baseline"), ("series-b", "the floor")];
    let has_floors = instructions.iter().any(|measured| measured.now_of(FLOOR).is_some());
    let count = if has_floors { series.len() } else { series.len() - 1 };
    let series: Vec<Series> = series
        .into_iter()
        .take(count)
        .map(|(class, name)| Series { class, name: name.to_owned() })
        .collect();

    let bar = |units: Option<u64>| {
        units.map(|units| SeriesBar { length: units as f64, figure: format_units(units) })
    };
    let group = |measured: &MeasuredCost<'_>| {
        let figures = [measured.now_of(UNITS), measured.before_of(UNITS), measured.now_of(FLOOR)];
        let bars = figures.into_iter().take(count).map(bar).collect();
        SeriesGroup { name: measured.label.to_owned(), bars }
    };
    let groups: Vec<SeriesGroup> = instructions.iter().map(group).collect();
    render_series("Compute units of each instruction", &series, &groups)
}

/// Lists every figure of every instruction: those that this file does not name, too.
fn list_instructions(instructions: &[MeasuredCost<'_>]) -> SummaryTable {
    let names = instructions.iter().flat_map(|measured| measured.now.keys());
    let others: BTreeSet<&String> = names.filter(|name| *name != UNITS && *name != FLOOR).collect();
    let row = |measured: &MeasuredCost<'_>| {
        let mut cells = vec![measured.label.to_owned()];
        cells.extend(measured.compare_cells(UNITS));
        let floor = measured.now_of(FLOOR);
        let least = floor.filter(|floor| *floor > 0);
        let ratio = measured.now_of(UNITS).zip(least).map_or_else(
            || "–".to_owned(),
            |(units, floor)| format!("{:.2}", units as f64 / floor as f64),
        );
        cells.extend([format_optional(floor), ratio]);
        cells.extend(others.iter().map(|name| format_optional(measured.now_of(name))));
        cells
    };

    let mut heading = ["instruction", "CU", "baseline", "change", "floor", "of the floor"]
        .map(str::to_owned)
        .to_vec();
    heading.extend(others.iter().map(|name| name.replace('_', " ")));
    let rows = instructions.iter().map(row).collect();
    SummaryTable { heading, rows, ..SummaryTable::default() }
}

fn list_sizes(sizes: &[MeasuredCost<'_>]) -> SummaryTable {
    let row = |measured: &MeasuredCost<'_>| {
        let mut cells = vec![measured.label.to_owned()];
        cells.extend(measured.compare_cells(SIZE));
        cells
    };

    let heading = ["size", "bytes", "baseline", "change"];
    SummaryTable::new("", &heading, sizes.iter().map(row).collect())
}

fn format_units(units: u64) -> String {
    format!("{} CU", format_thousands(units))
}

fn format_optional(number: Option<u64>) -> String {
    number.map_or_else(|| "–".to_owned(), format_thousands)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(units: u64) -> Value {
        json!({
            "jobs.list": {"units": units, "rent_lamports": 7},
            "jobs.work, a job waits": {"units": 1_000},
            "jobs.start": {"units": 100},
            "jobs.finish": {"units": 10},
            "program jobs": {"size_bytes": 492_208},
        })
    }

    fn read(file: Value) -> Content {
        let baseline = json!({"compiler": "upstream", "figures": figures(4_000)});
        read_costs(file, &serde_json::from_value(baseline).unwrap()).unwrap()
    }

    #[test]
    fn figures_are_beside_the_baseline_and_the_floor() {
        let mut file = json!({"compiler": "upstream", "figures": figures(5_000)});
        file["figures"]["jobs.list"]["floor"] = 2_000.into();
        let content = read(file);

        assert_eq!(content.headlines[0], Headline::new("a whole job", "6,110 CU"));
        assert_eq!(content.headlines[1], Headline::new("program jobs", "492,208 bytes"));
        let [instructions, sizes] = &content.tables[..] else { panic!("{:?}", content.tables) };
        let list = instructions.rows.iter().find(|row| row[0] == "jobs.list").unwrap();
        assert_eq!(list[1..], ["5,000", "4,000", "+25.0 %", "2,000", "2.50", "7"]);
        assert_eq!(instructions.heading[6], "rent lamports");
        assert_eq!(sizes.rows, [["program jobs", "492,208", "492,208", "0"]]);

        // Four instructions now and before, and one floor.
        assert_eq!(content.drawings.matches("<rect").count(), 9, "{}", content.drawings);
        assert!(content.drawings.contains("the floor"));
    }

    #[test]
    fn files_without_floors_are_read() {
        let content = read(json!({"compiler": "upstream", "figures": figures(5_000)}));
        assert_eq!(content.drawings.matches("<rect").count(), 8, "{}", content.drawings);
        assert!(!content.drawings.contains("the floor"));
        assert!(read_costs(json!({}), &Baseline::default()).is_err());
    }
}

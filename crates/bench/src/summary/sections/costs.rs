//! The cost of each instruction, and the sizes of the programs: `costs.json`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{
    cost_drawings::draw_units,
    measured_cost::{MeasuredCost, UNITS, format_optional, format_units},
};
use crate::{
    compute::WHOLE_JOB,
    summary::{
        baseline::{Baseline, FLOOR, Figures, JOB_LABEL},
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The figure of a program's size.
pub const SIZE: &str = "size_bytes";
/// The figure of what a leader charges, without the bytes that a transaction loads.
const BLOCK_UNITS: &str = "block_units";

#[derive(Deserialize)]
struct CostsFile {
    compiler: String,
    figures: Figures,
    /// Why instructions cost more than one and a half times their floors.
    #[serde(default)]
    reasons: Reasons,
}

/// Reasons by the labels of instructions.
type Reasons = BTreeMap<String, String>;

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
        tables: vec![
            list_instructions(&instructions, &file.reasons),
            list_without_floor(&instructions),
            list_sizes(&sizes),
        ],
        compiler: Some(file.compiler.clone()),
        figures: file.figures.clone(),
        ..Content::default()
    })
}

fn list_headlines(figures: &Figures, sizes: &[MeasuredCost<'_>]) -> Vec<Headline> {
    let units = |label: &str| figures.get(label)?.get(UNITS).copied();
    let of_a_job: Option<Vec<u64>> = WHOLE_JOB.into_iter().map(units).collect();

    let whole = of_a_job.map(|units| units.iter().sum::<u64>());
    let whole = whole.map(|units| Headline::new(JOB_LABEL, format_units(units)));
    let sizes = sizes.iter().map(|size| {
        Headline::new(size.label, format!("{} bytes", format_optional(size.now_of(SIZE))))
    });
    whole.into_iter().chain(sizes).collect()
}

/// Lists every figure of every instruction: those that this file does not name, too. The last
/// column has the reasons.
fn list_instructions(instructions: &[MeasuredCost<'_>], reasons: &Reasons) -> SummaryTable {
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
        cells.push(reasons.get(measured.label).cloned().unwrap_or_default());
        cells
    };

    let mut heading = ["instruction", "CU", "baseline", "change", "floor", "of the floor"]
        .map(str::to_owned)
        .to_vec();
    heading.extend(others.iter().map(|name| name_figure(name)));
    heading.push("why it is above 1.5 times the floor".to_owned());
    let text_columns = vec![heading.len() - 1];
    let rows = instructions.iter().map(row).collect();
    SummaryTable { heading, text_columns, rows, ..SummaryTable::default() }
}

/// Names the column of a figure.
fn name_figure(figure: &str) -> String {
    let name = figure.replace('_', " ");
    if figure == BLOCK_UNITS { format!("{name}, without loaded bytes") } else { name }
}

/// Lists the instructions of each program for which no floor was measured.
fn list_without_floor(instructions: &[MeasuredCost<'_>]) -> SummaryTable {
    let mut by_program: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for measured in instructions.iter().filter(|measured| measured.now_of(FLOOR).is_none()) {
        let (program, instruction) = measured.label.split_once('.').unwrap_or(("", measured.label));
        by_program.entry(program).or_default().push(instruction);
    }

    let row = |(program, labels): (&str, Vec<&str>)| {
        vec![program.to_owned(), labels.len().to_string(), labels.join("; ")]
    };
    let rows = by_program.into_iter().map(row).collect();
    let heading = ["program", "number", "instructions"];
    SummaryTable::new("Without a measured floor", &heading, rows).with_text(&[2])
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

//! The cost of each instruction, and the sizes of the programs: `costs.json`.

use std::collections::BTreeSet;

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

#[derive(Deserialize)]
struct CostsFile {
    compiler: String,
    figures: Figures,
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
    let of_a_job: Option<Vec<u64>> = WHOLE_JOB.into_iter().map(units).collect();

    let whole = of_a_job.map(|units| units.iter().sum::<u64>());
    let whole = whole.map(|units| Headline::new(JOB_LABEL, format_units(units)));
    let sizes = sizes.iter().map(|size| {
        Headline::new(size.label, format!("{} bytes", format_optional(size.now_of(SIZE))))
    });
    whole.into_iter().chain(sizes).collect()
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

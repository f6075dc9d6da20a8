//! The same instructions beside many others: `growth.json`.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::measured_cost::{bar_of_units, format_optional};
use crate::{
    format::format_thousands,
    html::series::{Series, SeriesGroup, render_captioned},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The populations that are drawn: the lengths of the queue.
const DRAWN: [&str; 2] = ["waiting jobs", "jobs of a long queue"];
/// The classes of the numbers of others.
const CLASSES: [&str; 5] = ["series-a", "series-b", "series-c", "series-d", "series-e"];

/// An instruction beside different numbers of others.
#[derive(Deserialize)]
struct GrowthRow {
    growing: String,
    instruction: String,
    /// Compute units without any others, if that was measured.
    #[serde(default)]
    alone: Option<u64>,
    counts: Vec<u64>,
    units: Vec<u64>,
    slope: f64,
}

/// Reads `growth.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_growth(value: Value, _: &Baseline) -> Result<Content> {
    let rows: Vec<GrowthRow> =
        serde_json::from_value(value).context("not the format of this version")?;
    let steepest = rows.iter().max_by(|a, b| a.slope.abs().total_cmp(&b.slope.abs()));

    let headline = |row: &GrowthRow| Headline::new("steepest slope", describe_slope(row));
    Ok(Content {
        headlines: steepest.map(headline).into_iter().collect(),
        drawings: DRAWN.map(|growing| draw_queue(growing, &rows)).concat(),
        tables: vec![list_rows(&rows)],
        ..Content::default()
    })
}

/// Describes the steepest slope: of which instruction it is, unless all are flat.
fn describe_slope(row: &GrowthRow) -> String {
    let GrowthRow { growing, instruction, slope, .. } = row;
    if *slope == 0.0 {
        return "0 CU, for every instruction".to_owned();
    }
    format!("{slope:.4} CU, {instruction} by the number of {growing}")
}

/// Draws the instructions by the number of those that wait in the queue.
fn draw_queue(growing: &str, rows: &[GrowthRow]) -> String {
    let drawn: Vec<&GrowthRow> = rows.iter().filter(|row| row.growing == growing).collect();
    let Some(first) = drawn.first() else { return String::new() };

    let name = |count: &u64| format!("{} {growing}", format_thousands(*count));
    let counts = CLASSES.into_iter().zip(&first.counts);
    let series: Vec<Series> =
        counts.map(|(class, count)| Series { class, name: name(count) }).collect();
    let group = |row: &&GrowthRow| SeriesGroup {
        name: row.instruction.clone(),
        bars: row.units.iter().map(|units| Some(bar_of_units(*units))).collect(),
    };
    let groups: Vec<SeriesGroup> = drawn.iter().map(group).collect();

    render_captioned(&format!("Compute units by the number of {growing}"), &series, &groups)
}

fn list_rows(rows: &[GrowthRow]) -> SummaryTable {
    let join = |numbers: &[u64]| {
        let numbers: Vec<String> = numbers.iter().map(|it| format_thousands(*it)).collect();
        numbers.join(" · ")
    };
    let row = |row: &GrowthRow| {
        let slope = format!("{:.4}", row.slope);
        let alone = format_optional(row.alone);
        let cells = [alone, join(&row.counts), row.growing.clone(), join(&row.units), slope];
        std::iter::once(row.instruction.clone()).chain(cells).collect()
    };

    let heading =
        ["instruction", "compute units alone", "number", "of others", "beside them", "slope"];
    SummaryTable::new("", &heading, rows.iter().map(row).collect()).with_text(&[3])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_queue_is_drawn_and_all_are_listed() {
        let row = |growing: &str, slope: f64| {
            json!({
                "growing": growing, "instruction": "list", "alone": 5_213,
                "counts": [1, 16, 64], "units": [5_256, 5_256, 5_300], "slope": slope,
            })
        };
        let mut long = row("jobs of a long queue", 0.0);
        long["counts"] = json!([2, 100, 10_000]);
        long["alone"] = Value::Null;
        let value = json!([row("waiting jobs", 0.5), row("markets", -0.75), long]);
        let content = read_growth(value, &Baseline::default()).unwrap();

        assert_eq!(content.drawings.matches("<rect").count(), 6, "{}", content.drawings);
        assert!(content.drawings.contains("64 waiting jobs"), "{}", content.drawings);
        assert!(content.drawings.contains(">5,300 CU</text>"), "{}", content.drawings);
        assert!(content.drawings.contains("10,000 jobs of a long queue"), "{}", content.drawings);
        let alone: Vec<&str> = content.tables[0].rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(alone, ["5,213", "5,213", "–"]);
        let steepest = "-0.7500 CU, list by the number of markets";
        assert_eq!(content.headlines, [Headline::new("steepest slope", steepest)]);
        assert!(read_growth(json!({}), &Baseline::default()).is_err());
    }

    #[test]
    fn flat_instructions_are_not_named() {
        let row = json!({
            "growing": "markets", "instruction": "list", "counts": [1], "units": [5_256],
            "slope": 0.0,
        });
        let content = read_growth(json!([row]), &Baseline::default()).unwrap();
        assert_eq!(content.headlines[0].value, "0 CU, for every instruction");
    }

    #[test]
    fn without_rows_nothing_is_drawn() {
        let content = read_growth(json!([]), &Baseline::default()).unwrap();
        assert!(content.drawings.is_empty() && content.headlines.is_empty());
    }
}

//! What instructions cost over random addresses: `spread.json`.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::measured_cost::{bar_of_units, format_units};
use crate::{
    compute::WHOLE_JOB,
    format::format_thousands,
    html::series::{Series, SeriesGroup, render_captioned},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The file.
#[derive(Deserialize)]
struct SpreadFile {
    /// The number of addresses.
    samples: u64,
    rows: Vec<SpreadRow>,
}

/// Compute units of an instruction over all addresses.
#[derive(Deserialize)]
struct SpreadRow {
    instruction: String,
    min: u64,
    median: u64,
    max: u64,
    /// The most bumps that a search passed over.
    steps: u64,
}

impl SpreadRow {
    /// Whether it is an instruction of a whole job.
    fn is_of_a_job(&self) -> bool {
        WHOLE_JOB.contains(&self.instruction.as_str())
    }
}

/// Reads `spread.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_spread(value: Value, _: &Baseline) -> Result<Content> {
    let file: SpreadFile =
        serde_json::from_value(value).context("not the format of this version")?;
    let of_a_job = file.rows.iter().filter(|row| row.is_of_a_job());

    Ok(Content {
        headlines: of_a_job.map(|row| describe_row(row, file.samples)).collect(),
        drawings: draw_rows(&file.rows),
        tables: vec![list_rows(&file.rows)],
        ..Content::default()
    })
}

fn describe_row(row: &SpreadRow, samples: u64) -> Headline {
    let SpreadRow { instruction, min, median, max, .. } = row;
    let value = format!(
        "{} to {}, median {}",
        format_thousands(*min),
        format_units(*max),
        format_thousands(*median)
    );
    Headline::new(format!("{instruction}, {samples} random addresses"), value)
}

/// Draws the instructions of a whole job.
fn draw_rows(rows: &[SpreadRow]) -> String {
    let series = [("series-a", "least"), ("series-b", "median"), ("series-c", "most")];
    let series = series.map(|(class, name)| Series { class, name: name.to_owned() });
    let group = |row: &SpreadRow| SeriesGroup {
        name: row.instruction.clone(),
        bars: [row.min, row.median, row.max].map(|units| Some(bar_of_units(units))).into(),
    };
    let groups: Vec<SeriesGroup> = rows.iter().filter(|row| row.is_of_a_job()).map(group).collect();

    render_captioned("Compute units over random addresses", &series, &groups)
}

fn list_rows(rows: &[SpreadRow]) -> SummaryTable {
    let row = |row: &SpreadRow| {
        let figures = [row.min, row.median, row.max, row.steps].map(format_thousands);
        std::iter::once(row.instruction.clone()).chain(figures).collect()
    };

    let heading = ["instruction", "least CU", "median", "most", "bumps passed over, at most"];
    let caption = format!("{} instructions", rows.len());
    SummaryTable::new(&caption, &heading, rows.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_are_listed_and_those_of_a_job_are_drawn() {
        let row = |instruction: &str, max: u64| {
            json!({
                "instruction": instruction, "min": 4_600, "median": 5_100, "max": max, "steps": 7,
            })
        };
        let rows = [row("jobs.list", 8_800), row("jobs.clean", 5_200)];
        let value = json!({"compiler": "upstream", "samples": 200, "rows": rows});
        let content = read_spread(value, &Baseline::default()).unwrap();

        let list = "4,600 to 8,800 CU, median 5,100";
        let headline = Headline::new("jobs.list, 200 random addresses", list);
        assert_eq!(content.headlines, [headline]);
        assert_eq!(content.drawings.matches("<rect").count(), 3, "{}", content.drawings);
        assert_eq!(content.tables[0].caption, "2 instructions");
        assert_eq!(content.tables[0].rows[1], ["jobs.clean", "4,600", "5,100", "5,200", "7"]);
        assert!(read_spread(json!([]), &Baseline::default()).is_err());
    }
}

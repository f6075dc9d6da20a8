//! The table of docs/network.md: what connections cost, as `bench/measured.json` has it.

use anyhow::{Result, ensure};

use super::table::{join_cells, name_commit};
use crate::summary::{baseline::Baseline, figure_row::FigureRow, recorded::Recorded};

/// The command of the rows.
const COMMAND: &str = "bench connect";

/// Renders the table and the note below it, each line with its end.
///
/// # Errors
/// If the record has no row of these figures.
pub fn render_connections(_: &Baseline, recorded: &Recorded) -> Result<String> {
    let rows = recorded.measured.iter().chain(&recorded.details);
    let rows: Vec<&FigureRow> = rows.filter(|row| row.command == COMMAND).collect();
    ensure!(!rows.is_empty(), "bench/measured.json has no row of `{COMMAND}`");

    let heading = "| what | measured |\n| --- | --- |\n".to_owned();
    let render = |row: &&FigureRow| join_cells(&[&row.what, &row.figure]);
    let table = rows.iter().map(render).fold(heading, |table, row| table + &row);
    let Recorded { machine, date, .. } = recorded;
    let commit = name_commit(recorded);
    Ok(format!("{table}\nFigures of one run on {date}: {machine}, {commit}.\n"))
}

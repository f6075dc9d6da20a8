//! The README's table as Markdown.

use anyhow::Result;

use super::costs::{FIRST_WORK, find_figure, list_costs};
use crate::{
    format::format_thousands,
    summary::{
        baseline::Baseline, figure_row::FigureRow, recorded::Recorded, revision::describe_changes,
        sections::measured_cost::UNITS,
    },
};

/// The number of characters of a commit.
const COMMIT_CHARS: usize = 8;

/// Renders the table and the notes below it, each line with its end.
///
/// # Errors
/// If the baseline lacks a figure.
pub fn render_block(baseline: &Baseline, recorded: &Recorded) -> Result<String> {
    let costs = list_costs(baseline)?;
    let stated = recorded.stated.iter().map(|stated| &stated.row);
    let rows = costs.iter().chain(&recorded.measured).chain(stated);

    let heading = "| what | figure | predecessor | measured by |\n| --- | --- | --- | --- |\n";
    let table = rows.map(render_row).fold(heading.to_owned(), |table, row| table + &row);
    let first_work = find_figure(&baseline.figures, FIRST_WORK, UNITS)?;
    Ok(format!("{table}\n{}\n{}", describe_node(first_work), describe_run(recorded)))
}

fn render_row(row: &FigureRow) -> String {
    let FigureRow { what, figure, predecessor, command } = row;
    join_cells(&[what, figure, predecessor, &format!("`{command}`")])
}

/// Joins the cells of a row.
pub fn join_cells(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn describe_node(first_work: u64) -> String {
    format!(
        "The node of these jobs has worked before: its first `work` also locks collateral in its \
         stake, which later jobs\nuse again, and costs {} CU.\n",
        format_thousands(first_work)
    )
}

fn describe_run(recorded: &Recorded) -> String {
    let Recorded { machine, date, .. } = recorded;
    let commit = name_commit(recorded);

    format!(
        "Figures of `bench` that depend on the machine are those of one run on {date}: {machine},\n\
         {commit}.\n\
         [bench/measured.json](bench/measured.json) has the days of the other rows.\n"
    )
}

/// Describes the commit of the run, and whether files differed from it.
pub fn name_commit(recorded: &Recorded) -> String {
    let Recorded { commit, changed_files, .. } = recorded;
    let commit: String = commit.chars().take(COMMIT_CHARS).collect();
    let is_clean = *changed_files == Some(0);

    let changes =
        if is_clean { String::new() } else { format!(" ({})", describe_changes(*changed_files)) };
    format!("commit `{commit}`{changes}")
}

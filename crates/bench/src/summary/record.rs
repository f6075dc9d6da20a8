//! Records what a full run of all benchmarks measured, for the README.

use anyhow::{Result, ensure};

use super::{
    environment::{Environment, UNKNOWN},
    figure_row::FigureRow,
    measured::Section,
    recorded::Recorded,
};

/// Returns the record with the rows of these benchmarks in place of those that it had. What
/// developers stated stays.
///
/// # Errors
/// If a benchmark has no file that can be read, or gives fewer rows than before, as one does that
/// measured less.
pub fn record_rows(
    recorded: &Recorded,
    sections: &[Section],
    environment: &Environment,
) -> Result<Recorded> {
    let unread = sections.iter().filter(|section| section.content().is_none());
    let unread: Vec<String> =
        unread.map(|section| format!("target/{}", section.source.file)).collect();
    ensure!(
        unread.is_empty(),
        "cannot record a run of a part of the benchmarks; run `cargo xtask bench --record`, which \
         writes what is missing or invalid:\n  {}",
        unread.join("\n  ")
    );

    let contents = sections.iter().filter_map(Section::content);
    let measured: Vec<FigureRow> =
        contents.flat_map(|content| content.rows.iter().cloned()).collect();
    for FigureRow { command, .. } in &recorded.measured {
        let [before, now] = [&recorded.measured, &measured].map(|rows| count_rows(rows, command));
        ensure!(
            now >= before,
            "`{command}` measured {now} of the {before} rows that bench/measured.json has of it; \
             run it whole, or remove its rows that are not measured any more"
        );
    }

    let Environment { machine, revision, date, .. } = environment;
    Ok(Recorded {
        machine: machine.clone(),
        commit: revision.commit.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
        changed_files: revision.changed_measured,
        date: date.clone(),
        measured,
        stated: recorded.stated.clone(),
    })
}

fn count_rows(rows: &[FigureRow], command: &str) -> usize {
    rows.iter().filter(|row| row.command == command).count()
}

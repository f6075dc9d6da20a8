//! Records what a full run of all benchmarks measured, for the README.

use anyhow::{Result, ensure};

use super::{
    content::Content,
    environment::{Environment, UNKNOWN},
    figure_row::{FigureRow, NOT_COMPARED},
    measured::Section,
    recorded::Recorded,
};

/// Returns the record with the rows of these benchmarks in place of those that it had. What
/// developers stated stays.
///
/// # Errors
/// If a benchmark has no file that can be read, or if the record has a figure that this run lacks,
/// as a quick run does, or one that does not find what it compares itself with.
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

    let contents: Vec<&Content> = sections.iter().filter_map(Section::content).collect();
    let measured: Vec<FigureRow> =
        contents.iter().flat_map(|content| content.rows.iter().cloned()).collect();
    let lost = recorded.measured.iter().filter_map(|before| describe_loss(before, &measured));
    let lost: Vec<String> = lost.collect();
    ensure!(
        lost.is_empty(),
        "this run lacks figures that bench/measured.json has; run `cargo xtask bench --record` \
         whole, or remove from that file what is not measured any more:\n  {}",
        lost.join("\n  ")
    );

    let Environment { machine, revision, date, .. } = environment;
    Ok(Recorded {
        machine: machine.clone(),
        commit: revision.commit.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
        changed_files: revision.changed_measured,
        date: date.clone(),
        measured,
        details: contents.iter().flat_map(|content| content.details.iter().cloned()).collect(),
        stated: recorded.stated.clone(),
    })
}

/// Returns which figure of a recorded row these rows lack, if they do.
fn describe_loss(before: &FigureRow, measured: &[FigureRow]) -> Option<String> {
    let FigureRow { what, figure, predecessor, command } = before;

    match measured.iter().find(|row| row.command == *command && row.what == *what) {
        None => Some(format!("`{command}` did not measure `{what}`, which is `{figure}`")),
        Some(now) if predecessor != NOT_COMPARED && now.predecessor == NOT_COMPARED => {
            Some(format!("`{command}` compared `{what}` with nothing; it was `{predecessor}`"))
        }
        Some(_) => None,
    }
}

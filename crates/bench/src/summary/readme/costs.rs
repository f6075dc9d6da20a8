//! The rows of the README's table that are the same in every run: those of `bench/baseline.json`.

use anyhow::{Context, Result};
use nosana_scale::costs::{BlockLimits, Costs};

use crate::{
    compute::{PREDECESSOR, WHOLE_JOB, find_predecessor},
    format::format_thousands,
    summary::{
        baseline::{Baseline, Figures, JOB_LABEL},
        figure_row::FigureRow,
        sections::{
            costs::SIZE,
            measured_cost::{UNITS, format_units},
        },
    },
};

/// The command that measures compute units.
const COMPUTE: &str = "compute";
/// The label of the first `work` of a node, which locks collateral.
pub const FIRST_WORK: &str = "jobs.work, the first, a job waits";
/// The programs whose sizes are shown.
const PROGRAMS: [&str; 3] = ["jobs", "rewards", "staking"];

/// A row with the compute units of an instruction.
struct CostRow {
    what: &'static str,
    /// What the baseline calls it.
    label: &'static str,
    /// The predecessor's instruction for the same.
    predecessor: Option<&'static str>,
}

impl CostRow {
    /// A row of an instruction that the predecessor does not have.
    const fn without_predecessor(what: &'static str, label: &'static str) -> Self {
        Self { what, label, predecessor: None }
    }

    fn find_units(&self, figures: &Figures) -> Result<u64> {
        find_figure(figures, self.label, UNITS)
    }

    fn describe_row(&self, figures: &Figures) -> Result<FigureRow> {
        let row = FigureRow::new(self.what, format_units(self.find_units(figures)?), COMPUTE);
        Ok(match self.predecessor.and_then(find_predecessor) {
            Some(units) => row.with_predecessor(format_units(units)),
            None => row,
        })
    }
}

/// The instructions of a whole job. Its node has worked before.
const OF_A_JOB: [CostRow; 4] = {
    let [list, work, start, finish] = WHOLE_JOB;
    [
        CostRow { what: "list", label: list, predecessor: Some("list") },
        CostRow { what: "work, which takes a job", label: work, predecessor: Some("work") },
        CostRow::without_predecessor("start", start),
        CostRow {
            what: "finish, with settlement and two payments",
            label: finish,
            predecessor: Some("finish"),
        },
    ]
};

/// Other instructions.
const OTHERS: [CostRow; 4] = [
    CostRow::without_predecessor("heartbeat", "jobs.heartbeat"),
    CostRow::without_predecessor("settle after a challenge window", "jobs.settle"),
    CostRow::without_predecessor("cancel, with refund", "jobs.cancel"),
    CostRow::without_predecessor("clean", "jobs.clean"),
];

/// Returns the rows, in order.
pub fn list_costs(baseline: &Baseline) -> Result<Vec<FigureRow>> {
    let figures = &baseline.figures;
    let describe = |row: &CostRow| row.describe_row(figures);

    let mut rows: Vec<FigureRow> = OF_A_JOB.iter().map(describe).collect::<Result<_>>()?;
    rows.push(describe_whole_job(figures)?);
    for row in &OTHERS {
        rows.push(describe(row)?);
    }
    rows.extend([
        describe_growth(),
        describe_sizes(figures)?,
        describe_ceilings(&baseline.blocks)?,
    ]);
    Ok(rows)
}

/// Returns a figure of the baseline.
pub fn find_figure(table: &Figures, label: &str, figure: &str) -> Result<u64> {
    let found = table.get(label).and_then(|of_label| of_label.get(figure)).copied();
    found.with_context(|| format!("bench/baseline.json lacks the figure `{figure}` of `{label}`"))
}

/// Returns the whole jobs in a second that blocks have room for, in one market and in sixteen.
///
/// # Errors
/// If a transaction of a whole job is missing.
pub fn find_ceilings(blocks: &Figures) -> Result<[f64; 2]> {
    let total = |transaction: &str| find_figure(blocks, transaction, "total");
    let costs = Costs {
        list: total("list")?,
        work: total("work")?,
        start: total("start")?,
        finish: total("finish")?,
        settle: total("settle")?,
        clean: total("clean")?,
        ..Costs::FREE
    };

    Ok([1, 16].map(|markets| BlockLimits::AGAVE.find_ceiling(&costs, markets)))
}

fn describe_whole_job(figures: &Figures) -> Result<FigureRow> {
    let units = OF_A_JOB.iter().map(|row| row.find_units(figures)).sum::<Result<u64>>()?;
    let predecessor: u64 = PREDECESSOR.iter().map(|(_, units)| units).sum();
    let percent = units as f64 / predecessor as f64 * 100.0;

    let figure = format!("**{}** ({percent:.0} %)", format_units(units));
    let row = FigureRow::new(format!("**{JOB_LABEL}**"), figure, COMPUTE);
    Ok(row.with_predecessor(format_units(predecessor)))
}

/// The test `queue` of the suite `compute` fails if this does not hold.
fn describe_growth() -> FigureRow {
    let what = "list, work, start, finish, quit and cancel with 2, 100, 1,000 and 10,000 waiting";
    FigureRow::new(what, "constant", COMPUTE).with_predecessor("grows")
}

fn describe_sizes(figures: &Figures) -> Result<FigureRow> {
    let describe_size = |program: &str| -> Result<String> {
        let bytes = find_figure(figures, &format!("program {program}"), SIZE)?;
        Ok(format!("{:.0} KB", bytes as f64 / 1_000.0))
    };
    let sizes = PROGRAMS.into_iter().map(describe_size).collect::<Result<Vec<String>>>()?;

    let what = format!("sizes of the programs: {}", PROGRAMS.join(", "));
    Ok(FigureRow::new(what, sizes.join(", "), "build-programs"))
}

fn describe_ceilings(blocks: &Figures) -> Result<FigureRow> {
    let [one, many] = find_ceilings(blocks)?.map(|jobs| format_thousands(jobs as u64));

    let what = "whole jobs a second that blocks have room for: in one market, in sixteen";
    Ok(FigureRow::new(what, format!("{one} and {many}"), "bench throughput"))
}

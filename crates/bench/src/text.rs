//! The report as text, for terminals and logs.

use std::fmt::Write;

use crate::{
    balances::{Balances, TokenHolder},
    compute,
    format::{
        format_change, format_nos, format_percent, format_seconds, format_thousands, shorten_id,
    },
    report::DemoReport,
};

/// Renders rows of cells as text: the first column aligned left, the others right. The first row is
/// the heading.
pub fn render_table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();

    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a string cannot fail.
            let _ = if column == 0 {
                write!(text, "  {cell:<width$}")
            } else {
                write!(text, "  {cell:>width$}")
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');

        if index == 0 {
            let line = widths.iter().map(|width| width + 2).sum::<usize>() - 2;
            text.push_str(&format!("  {}\n", "─".repeat(line)));
        }
    }

    text
}

/// Renders the whole report.
pub fn render_report(report: &DemoReport) -> String {
    let (paid, fees) = report.sum_payments();
    let (units, predecessor) = compute::sum_whole_job(&report.compute);
    let sections = [
        ("Jobs: seconds in each stage, and money in NOS".to_owned(), render_jobs(report)),
        (
            "Jobs: compute units of each transaction, and fees in lamports".to_owned(),
            render_costs(report),
        ),
        (
            format!(
                "Compute units: a whole job takes {}, {} of the predecessor's {}",
                format_thousands(units),
                format_percent(units, predecessor),
                format_thousands(predecessor)
            ),
            render_compute(report),
        ),
        ("Balances, in NOS".to_owned(), render_balances(report)),
        (
            format!(
                "Checks: the node earned {} NOS, the network {}",
                format_nos(paid),
                format_nos(fees)
            ),
            report.checks.iter().fold(String::new(), |text, check| {
                let sign = if check.holds { "✔" } else { "✘" };
                text + &format!("  {sign} {}: {}\n", check.claim, check.detail)
            }),
        ),
    ];

    let sections: String =
        sections.iter().map(|(title, body)| format!("\n{title}\n\n{body}")).collect();
    report.problems.iter().fold(sections, |text, problem| text + &format!("\nRetried: {problem}\n"))
}

fn to_cells(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn render_jobs(report: &DemoReport) -> String {
    let names = ["job", "match", "list", "wait", "start", "run", "settle", "total", "paid s"];
    let mut rows = vec![to_cells(&names)];
    rows[0].extend(to_cells(&["pay", "refund", "fee", "result"]));
    for job in &report.jobs {
        let mut row = vec![format!("{}", job.number), job.direction.name().to_owned()];
        row.extend(job.stages.iter().map(|stage| format_seconds(stage.duration_ms())));
        row.push(format_seconds(job.marks.total_ms()));
        row.push(job.chain.paid_seconds.to_string());
        row.extend([job.money.node, job.money.refund, job.money.network].map(format_nos));
        row.push(shorten_id(&job.result));
        rows.push(row);
    }
    render_table(&rows)
}

fn render_costs(report: &DemoReport) -> String {
    let instructions = ["list", "work", "start", "heartbeat", "finish"];
    let mut rows = vec![to_cells(&["job"])];
    rows[0].extend(to_cells(&instructions));
    rows[0].extend(to_cells(&["all", "fees"]));
    for job in &report.jobs {
        let units = instructions.map(|instruction| job.compute_units(instruction));
        let mut row = vec![job.number.to_string()];
        row.extend(units.map(|units| units.map_or("–".to_owned(), format_thousands)));
        row.push(format_thousands(units.iter().flatten().sum::<u64>()));
        row.push(format_thousands(job.fee_lamports()));
        rows.push(row);
    }
    render_table(&rows)
}

fn render_compute(report: &DemoReport) -> String {
    let mut rows =
        vec![to_cells(&["instruction", "count", "min", "median", "max", "predecessor", "ratio"])];
    for row in &report.compute {
        let mut cells = vec![row.instruction.clone(), row.count.to_string()];
        cells.extend([row.min, row.median, row.max].map(format_thousands));
        cells.push(row.predecessor.map_or("–".to_owned(), format_thousands));

        let ratio = row.predecessor.map(|units| format_percent(row.median, units));
        cells.push(ratio.unwrap_or("–".to_owned()));
        rows.push(cells);
    }
    render_table(&rows)
}

fn render_balances(report: &DemoReport) -> String {
    let sheet = &report.balances;
    let periods = &sheet.periods;
    let mut rows = vec![to_cells(&["account", "at the start"])];
    rows[0].extend(periods.iter().map(|period| period.name.clone()));
    rows[0].push("at the end".to_owned());

    for holder in TokenHolder::ALL {
        let balance = |balances: Option<&Balances>| {
            balances.map_or_else(String::new, |all| format_nos(all[holder as usize]))
        };
        let mut row = vec![holder.name().to_owned()];
        row.push(balance(periods.first().map(|period| &period.before)));
        row.extend(periods.iter().map(|period| format_change(period.change_of(holder))));
        row.push(balance(periods.last().map(|period| &period.after)));
        rows.push(row);
    }

    let mut sum = vec!["all".to_owned(), format_nos(sheet.supply)];
    sum.extend(periods.iter().map(|period| format_change(period.sum_changes())));
    sum.push(format_nos(sheet.supply));
    rows.push(sum);

    render_table(&rows)
}

#[cfg(test)]
mod tests {
    use super::{render_report, render_table, to_cells};
    use crate::report::sample::sample_report;

    #[test]
    fn columns_have_the_width_of_their_longest_cell() {
        let rows =
            [to_cells(&["job", "total"]), to_cells(&["1", "1,000"]), to_cells(&["long", "−5"])];
        let expected = "  job   total\n  ───────────\n  1     1,000\n  long     −5\n";
        assert_eq!(render_table(&rows), expected);
    }

    #[test]
    fn the_text_contains_the_figures_of_the_page() {
        let text = render_report(&sample_report());
        for line in [
            "  1    queued  0.40  0.50   0.40  0.70    0.40   2.40       1  0.000050  0.000545  \
             0.000005  QmResult",
            "  1    5,500  3,800  1,600          –   8,000  18,900  20,000",
            "  market vault       0.000000      +0.000005    0.000005",
            "  ✔ one is one: 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(
            text.contains("a whole job takes 18,900, 37.1 % of the predecessor's 50,960"),
            "{text}"
        );
    }
}

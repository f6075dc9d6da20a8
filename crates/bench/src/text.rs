//! The report as text, for terminals and logs.

use std::fmt::Write;

use crate::{
    books::Holder,
    compute,
    format::{change, nos, percent, seconds, short, thousands},
    report::DemoReport,
};

/// Rows of cells as text: the first column to the left, the others to the right. The first row is
/// the heading.
pub fn table(rows: &[Vec<String>]) -> String {
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

/// The whole report.
pub fn render(report: &DemoReport) -> String {
    let (paid, fees) = report.paid();
    let (units, before) = compute::whole_job(&report.compute);
    let sections = [
        ("Jobs: seconds in each stage, and money in NOS".to_owned(), jobs(report)),
        ("Jobs: compute units of each transaction, and fees in lamports".to_owned(), costs(report)),
        (
            format!(
                "Compute units: a whole job takes {}, {} of the predecessor's {}",
                thousands(units),
                percent(units, before),
                thousands(before)
            ),
            compute_units(report),
        ),
        ("The books, in NOS".to_owned(), books(report)),
        (
            format!("Checks: the node earned {} NOS, the network {}", nos(paid), nos(fees)),
            report.checks.iter().fold(String::new(), |text, check| {
                let sign = if check.holds { "✔" } else { "✘" };
                text + &format!("  {sign} {}: {}\n", check.claim, check.detail)
            }),
        ),
    ];
    let sections: String =
        sections.iter().map(|(title, body)| format!("\n{title}\n\n{body}")).collect();
    report
        .problems
        .iter()
        .fold(sections, |text, problem| text + &format!("\nHad to be tried again: {problem}\n"))
}

fn heading(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn jobs(report: &DemoReport) -> String {
    let names = ["job", "met", "list", "wait", "start", "run", "settle", "total", "paid s"];
    let mut rows = vec![heading(&names)];
    rows[0].extend(heading(&["pay", "refund", "fee", "result"]));
    for job in &report.jobs {
        let mut row = vec![format!("{}", job.number), job.direction.name().to_owned()];
        row.extend(job.stages.iter().map(|stage| seconds(stage.ms())));
        row.extend([seconds(job.marks.total_ms()), job.chain.paid_seconds.to_string()]);
        row.extend([job.money.node, job.money.refund, job.money.network].map(nos));
        row.push(short(&job.result));
        rows.push(row);
    }
    table(&rows)
}

fn costs(report: &DemoReport) -> String {
    let instructions = ["list", "work", "start", "heartbeat", "finish"];
    let mut rows = vec![heading(&["job"])];
    rows[0].extend(heading(&instructions));
    rows[0].extend(heading(&["all", "fees"]));
    for job in &report.jobs {
        let units = instructions.map(|instruction| job.compute_units(instruction));
        let mut row = vec![job.number.to_string()];
        row.extend(units.map(|units| units.map_or("–".to_owned(), thousands)));
        row.extend([thousands(units.iter().flatten().sum::<u64>()), thousands(job.fee_lamports())]);
        rows.push(row);
    }
    table(&rows)
}

fn compute_units(report: &DemoReport) -> String {
    let mut rows = vec![heading(&[
        "instruction",
        "count",
        "least",
        "middle",
        "most",
        "predecessor",
        "of that",
    ])];
    for row in &report.compute {
        let [min, median, max] = [row.min, row.median, row.max].map(thousands);
        let before = row.predecessor.map_or("–".to_owned(), thousands);
        let part = row.predecessor.map_or("–".to_owned(), |before| percent(row.median, before));
        rows.push(vec![
            row.instruction.clone(),
            row.count.to_string(),
            min,
            median,
            max,
            before,
            part,
        ]);
    }
    table(&rows)
}

fn books(report: &DemoReport) -> String {
    let periods = &report.books.periods;
    let mut rows = vec![heading(&["account", "at the start"])];
    rows[0].extend(periods.iter().map(|period| period.name.clone()));
    rows[0].push("at the end".to_owned());
    for holder in Holder::ALL {
        let of = |balances: Option<&[u64; 7]>| {
            balances.map_or_else(String::new, |all| nos(all[holder as usize]))
        };
        let mut row =
            vec![holder.name().to_owned(), of(periods.first().map(|period| &period.before))];
        row.extend(periods.iter().map(|period| change(period.change(holder))));
        row.push(of(periods.last().map(|period| &period.after)));
        rows.push(row);
    }
    let mut sum = vec!["all".to_owned(), nos(report.books.supply)];
    sum.extend(periods.iter().map(|period| change(period.sum())));
    sum.push(nos(report.books.supply));
    rows.push(sum);
    table(&rows)
}

#[cfg(test)]
mod tests {
    use super::{heading, render, table};
    use crate::report::sample;

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let rows = [heading(&["job", "total"]), heading(&["1", "1,000"]), heading(&["long", "−5"])];
        let expected = "  job   total\n  ───────────\n  1     1,000\n  long     −5\n";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn the_text_tells_what_the_page_does() {
        let text = render(&sample::report());
        for line in [
            "  1    queued  0.40  0.50   0.40  0.70    0.40   2.40       1  0.000050  0.000545  0.000005  QmResult",
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

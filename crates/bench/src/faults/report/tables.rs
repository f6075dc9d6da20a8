//! The tables of page and text.

use super::{FaultsReport, counts::JobSummary};
use crate::{
    format::{format_change, format_nos, format_seconds},
    html::elements::{self, TableRow},
    liar::sheet::SheetRow,
    text,
};

/// A table of a trial: the first column names the rows.
pub struct FaultsTable {
    heading: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl FaultsTable {
    pub fn render_html(&self, caption: &str) -> String {
        let row = |cells: &Vec<String>| TableRow { title: String::new(), cells: cells.clone() };
        let rows: Vec<TableRow> = self.rows.iter().map(row).collect();
        elements::render_table(caption, &self.heading, &[], &rows)
    }

    pub fn render_text(&self) -> String {
        let heading = self.heading.iter().map(|cell| (*cell).to_owned()).collect();
        let rows: Vec<Vec<String>> =
            std::iter::once(heading).chain(self.rows.iter().cloned()).collect();
        text::render_table(&rows)
    }
}

/// What became of the jobs.
pub fn build_counts(report: &FaultsReport) -> FaultsTable {
    let counts = &report.counts;
    let rows = [
        ("posted", counts.posted),
        ("completed and paid", counts.completed),
        ("back in the queue and cancelled", counts.cancelled),
        ("expired", counts.expired),
        ("lost", counts.lost),
        ("given back by the node", counts.given_back),
        ("taken from the node by a clock", counts.taken_back),
        ("paid twice", counts.paid_twice),
        ("wrong results", counts.wrong_results),
    ];
    let rows = rows.map(|(name, count)| vec![name.to_owned(), count.to_string()]).to_vec();
    FaultsTable { heading: vec!["jobs", "count"], rows }
}

/// What happened to the node, and how soon it worked again.
pub fn build_node(report: &FaultsReport) -> FaultsTable {
    let recovery = &report.recovery;
    let time = |percent: usize| match recovery.percentile(percent) {
        Some(ms) => format!("{} s", format_seconds(ms)),
        None => "–".to_owned(),
    };
    let worked = format!("{} of {}", recovery.times_ms.len(), recovery.restarts);
    let rows = [
        ("kills", report.node.kills.to_string()),
        ("ends without a kill", report.node.own_exits.to_string()),
        ("restarts with work before the next kill", worked),
        ("restart to work, median", time(50)),
        ("restart to work, 95th percentile", time(95)),
        ("restart to work, longest", time(100)),
        ("penalty", format!("{} NOS", format_nos(report.node.penalty))),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]).to_vec();
    FaultsTable { heading: vec!["node", "value"], rows }
}

/// The money of all jobs.
pub fn build_money(report: &FaultsReport) -> FaultsTable {
    let money = &report.money;
    let rows = [
        ("deposits", money.escrow),
        ("pay of the node", money.node),
        ("fees of the network", money.network),
        ("refunds", money.refund),
    ];
    let row = |(name, amount): (&str, u64)| vec![name.to_owned(), format_nos(amount)];
    let mut rows: Vec<Vec<String>> = rows.into_iter().map(row).collect();

    let paid = [money.node, money.network, money.refund].map(i128::from);
    let rest = i128::from(money.escrow) - paid.iter().sum::<i128>();
    rows.push(vec!["deposits, less all payments".to_owned(), format_change(rest)]);
    FaultsTable { heading: vec!["money", "NOS"], rows }
}

/// The balances of everybody.
pub fn build_balances(report: &FaultsReport) -> FaultsTable {
    let row = |row: &SheetRow| {
        let explained = format_change(row.explained());
        let change = format_change(row.change());
        vec![row.name.clone(), format_nos(row.before), change, explained, format_nos(row.after)]
    };
    let heading = vec!["account", "before", "change", "by the jobs", "after"];
    FaultsTable { heading, rows: report.sheet.rows.iter().map(row).collect() }
}

/// The jobs.
pub fn build_jobs(report: &FaultsReport) -> FaultsTable {
    let row = |job: &JobSummary| {
        let money = &job.money;
        let mut cells = vec![job.number.to_string(), job.end.name().to_owned()];
        cells.extend([job.starts.to_string(), job.returns.to_string()]);
        cells.push(job.settlements.to_string());
        cells.extend([money.escrow, money.node, money.refund, money.network].map(format_nos));
        cells
    };
    let mut heading = vec!["job", "end", "starts", "returns", "settlements"];
    heading.extend(["deposit", "pay", "refund", "fee"]);
    FaultsTable { heading, rows: report.jobs.iter().map(row).collect() }
}

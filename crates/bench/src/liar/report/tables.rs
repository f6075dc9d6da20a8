//! The tables of page and text.

use super::{CaseReport, LiarReport, VoteReport};
use crate::{
    format::{format_change, format_nos},
    html::elements::{self, TableRow},
    liar::{
        behavior::outcome_name,
        ledger::CaseMoney,
        sheet::{Sheet, SheetRow},
    },
    text,
};

/// A table for page and text.
pub struct ReportTable {
    /// What it shows.
    pub caption: &'static str,
    /// The names of the columns.
    pub heading: Vec<String>,
    /// The columns that hold words. The first one names the rows.
    pub text_columns: Vec<usize>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl ReportTable {
    pub fn to_html(&self) -> String {
        let heading: Vec<&str> = self.heading.iter().map(String::as_str).collect();
        let row = |cells: &Vec<String>| TableRow { title: String::new(), cells: cells.clone() };
        let rows: Vec<TableRow> = self.rows.iter().map(row).collect();
        elements::render_table(self.caption, &heading, &self.text_columns, &rows)
    }

    pub fn to_text(&self) -> String {
        let rows: Vec<Vec<String>> =
            std::iter::once(&self.heading).chain(&self.rows).cloned().collect();
        text::render_table(&rows)
    }
}

/// Who was caught, and how.
pub fn build_findings(report: &LiarReport) -> ReportTable {
    let row = |case: &CaseReport| {
        let fault = match case.faults.is_empty() {
            true => "none: the result is right".to_owned(),
            false => case.faults.join("; "),
        };
        let challenger = case.behavior.challenger();
        vec![
            name_case(case),
            case.behavior.describe().to_owned(),
            format!("{}: {}", case.challenger, challenger.describe()),
            fault,
            case.outcome.to_owned(),
        ]
    };

    ReportTable {
        caption: "Faults as this machine finds them, with the code of nodes and clients",
        heading: to_cells(&["job", "its node", "disputed by", "fault of the result", "outcome"]),
        text_columns: vec![1, 2, 3, 4],
        rows: report.cases.iter().map(row).collect(),
    }
}

/// The votes, and how far the sketches differ.
pub fn build_votes(report: &LiarReport) -> ReportTable {
    let row = |case: &CaseReport| {
        let verdicts = case.votes.iter().map(|vote| vote.verdict.to_owned());
        let bits = |part: fn(&VoteReport) -> u32| {
            let bits: Vec<String> = case.votes.iter().map(|vote| part(vote).to_string()).collect();
            bits.join(", ")
        };
        let mut cells = vec![name_case(case)];
        cells.extend(verdicts);
        cells.resize(PANEL_COLUMNS, String::new());
        cells.push(bits(|vote| vote.bits_from_trace));
        cells.push(bits(|vote| vote.bits_from_panel));
        cells.push(case.outcome.to_owned());
        cells
    };

    ReportTable {
        caption: "Bits of 256 in which a panelist’s sketch differs: from the trace that the node \
                  opened, and at most from another panelist’s; up to 24 agree",
        heading: to_cells(&[
            "job",
            "panelist 1",
            "panelist 2",
            "panelist 3",
            "from the trace",
            "from the panel",
            "outcome",
        ]),
        text_columns: vec![1, 2, 3, 6],
        rows: report.cases.iter().map(row).collect(),
    }
}

/// The columns of the case and of three panelists.
const PANEL_COLUMNS: usize = 4;

/// Reads one amount of a dispute.
type ReadAmount = fn(&CaseMoney) -> u64;

/// What each dispute takes and pays.
pub fn build_ledger(report: &LiarReport) -> ReportTable {
    let lines: [(&str, ReadAmount); 13] = [
        ("from the client: escrow", |money| money.escrow),
        ("from the challenger: bond", |money| money.bond),
        ("from the node’s stake: collateral", |money| money.collateral),
        ("taken", CaseMoney::sum_sources),
        ("to the node", |money| money.node),
        ("to the client", |money| money.client),
        ("to the challenger", |money| money.challenger),
        ("to panelist 1", |money| money.panel[0]),
        ("to panelist 2", |money| money.panel[1]),
        ("to panelist 3", |money| money.panel[2]),
        ("to the network: fee", |money| money.network),
        ("burnt", |money| money.burned),
        ("paid, or burnt", CaseMoney::sum_payments),
    ];
    let row = |(name, amount): (&str, ReadAmount)| {
        let amounts = report.cases.iter().map(|case| format_nos(amount(&case.money)));
        std::iter::once(name.to_owned()).chain(amounts).collect()
    };

    ReportTable {
        caption: "In NOS. The market’s vault holds escrow and bond, and receives from the \
                  collateral exactly what the parties get beyond them",
        heading: head_cases(report, &[]),
        text_columns: Vec::new(),
        rows: lines.map(row).into(),
    }
}

/// What each account gains by each dispute, and its balance.
pub fn build_balances(report: &LiarReport) -> ReportTable {
    let Sheet { rows, supply, burned } = &report.sheet;
    let row = |row: &SheetRow| {
        let mut cells = vec![row.name.clone()];
        cells.extend(row.by_case.iter().map(|change| format_change(*change)));
        cells.push(format_change(row.change()));
        cells.push(format_nos(row.after));
        cells
    };
    let mut rows: Vec<Vec<String>> = rows.iter().map(row).collect();

    let total: u64 = burned.iter().sum();
    let mut burnt = vec!["burnt".to_owned()];
    burnt.extend(burned.iter().map(|amount| format_change((*amount).into())));
    burnt.push(format_change(total.into()));
    burnt.push(String::new());
    rows.push(burnt);

    let sums = report.sheet.sum_cases();
    let changes: i128 = report.sheet.rows.iter().map(SheetRow::change).sum();
    let mut sum = vec!["sum, and supply".to_owned()];
    sum.extend(sums.iter().map(|sum| format_change(*sum)));
    sum.push(format_change(changes + i128::from(total)));
    sum.push(format_nos(*supply));
    rows.push(sum);

    ReportTable {
        caption: "In NOS. These accounts hold the whole supply: each row of payments sums to the \
                  change of the balance, each column with what was burnt to zero",
        heading: head_cases(report, &["change", "balance"]),
        text_columns: Vec::new(),
        rows,
    }
}

/// Returns the number and the name of a case.
pub fn name_case(case: &CaseReport) -> String {
    format!("{} {}", case.number, case.behavior.name())
}

/// Whether the dispute about a cheating node's result ended as it should.
pub fn is_caught(case: &CaseReport) -> bool {
    let expected = case.behavior.expected_outcome();
    expected.is_nodes_loss() && case.outcome == outcome_name(expected)
}

fn head_cases(report: &LiarReport, more: &[&str]) -> Vec<String> {
    let cases = report.cases.iter().map(name_case);
    std::iter::once("account".to_owned()).chain(cases).chain(to_cells(more)).collect()
}

fn to_cells(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

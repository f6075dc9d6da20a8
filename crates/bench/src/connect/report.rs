//! The figures as JSON, as text and as a page.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    ConnectSize,
    goals::{Goal, list_goals},
    idle::IdleCost,
    requests::{RequestTimes, median_ms},
    transfers::{TransferRates, divide_medians},
};
use crate::{
    format::format_decimal,
    html::{elements::escape_html, render_document, render_section},
    report::transaction::median,
    summary::table::SummaryTable,
    text::render_table,
};

const TITLE: &str = "What connections cost";

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConnectReport {
    /// How much was measured.
    pub size: ConnectSize,
    /// Bytes a second.
    pub transfers: TransferRates,
    /// The times of small requests.
    pub requests: RequestTimes,
    /// An endpoint that nobody uses, if that was measured.
    pub idle: Option<IdleCost>,
    /// What is meant to be reached.
    pub goals: Vec<Goal>,
    /// The page.
    #[serde(skip)]
    pub page: PathBuf,
}

impl ConnectReport {
    /// A report of what was measured.
    pub fn new(
        size: ConnectSize,
        transfers: TransferRates,
        requests: RequestTimes,
        idle: Option<IdleCost>,
    ) -> Self {
        let goals = list_goals(&transfers, &requests, idle.as_ref());
        Self { size, transfers, requests, idle, goals, page: PathBuf::new() }
    }

    /// Renders all tables as text.
    pub fn render_text(&self) -> String {
        let text = |table: &SummaryTable| {
            let heading = std::iter::once(table.heading.clone());
            let rows: Vec<_> = heading.chain(table.rows.iter().cloned()).collect();
            format!("{}\n\n{}", table.caption, render_table(&rows))
        };
        let tables: Vec<String> = self.list_tables().iter().map(text).collect();
        format!("{}\n\n{}", tables.join("\n"), self.describe_setting())
    }

    /// Returns all tables.
    pub(crate) fn list_tables(&self) -> Vec<SummaryTable> {
        let goals = SummaryTable::new(
            "Goals",
            &["what", "goal", "measured", "verdict"],
            self.goals.iter().map(Goal::to_row).collect(),
        );
        let mut tables =
            vec![goals.with_text(&[1, 3]), self.tabulate_transfers(), self.tabulate_requests()];
        tables.extend(self.idle.as_ref().map(tabulate_idle));
        tables
    }

    fn tabulate_transfers(&self) -> SummaryTable {
        let mega = |rate: u64| format_decimal((rate as f64 / 1e6).round());
        let row = |(name, rates): (&str, &[u64])| {
            let [least, most] = [rates.iter().min(), rates.iter().max()]
                .map(|rate| mega(rate.copied().unwrap_or_default()));
            let share = divide_medians(rates, &self.transfers.plain_tcp);
            let speed = mega(median(rates.to_vec()));
            vec![name.to_owned(), speed, format!("{least}–{most}"), format!("{share:.2}")]
        };

        SummaryTable::new(
            "Bytes from a service to a client",
            &["way", "MB a second, median", "range", "part of plain TCP"],
            self.transfers.list_ways().into_iter().map(row).collect(),
        )
    }

    fn tabulate_requests(&self) -> SummaryTable {
        let row = |name: &str, plain: &[u64], forwarded: &[u64], added: f64| {
            let mut cells = vec![name.to_owned()];
            let figures = [median_ms(plain), median_ms(forwarded), added];
            cells.extend(figures.map(|ms| format!("{ms:.2}")));
            cells
        };
        let times = &self.requests;

        SummaryTable::new(
            "A request of one byte, milliseconds, medians",
            &["connection", "plain TCP", "forwarded port", "added"],
            vec![
                row("open", &times.open_plain, &times.open_forwarded, times.added_open_ms()),
                row("new", &times.new_plain, &times.new_forwarded, times.added_new_ms()),
            ],
        )
    }

    pub(super) fn write_to(&mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        self.page = folder.join("connect.html");

        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = self.render_page().into_bytes();
        for (path, bytes) in [(folder.join("connect.json"), json), (self.page.clone(), page)] {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    fn render_page(&self) -> String {
        let lead = escape_html(&self.describe_setting());
        let header = format!("<header>\n<h1>{TITLE}</h1>\n<p>{lead}</p>\n</header>");

        let tables: String = self.list_tables().iter().map(SummaryTable::render_html).collect();
        let measured = render_section(
            "Measured",
            "The goals depend on the machine: one that is not met is not an error.",
            &tables,
        );
        render_document(TITLE, &[header, measured].join("\n"))
    }

    fn describe_setting(&self) -> String {
        let ConnectSize { rounds, round_bytes, requests, .. } = self.size;
        let idle = if self.idle.is_some() {
            "The endpoint that nobody uses has the sockets of a node and no relay, in a process of \
             its own."
        } else {
            "An endpoint that nobody uses was not measured: that needs Linux."
        };
        format!(
            "Client, node and service share this machine, and every byte is encrypted and \
             decrypted on it. {rounds} transfers of {} MB in each way, and {requests} requests; \
             the ways take turns. {idle}",
            format_decimal(round_bytes as f64 / 1e6),
        )
    }
}

fn tabulate_idle(idle: &IdleCost) -> SummaryTable {
    let mb = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
    SummaryTable::new(
        "An endpoint that nobody uses",
        &["seconds", "CPU, seconds", "part of a core", "MB before", "MB at the end"],
        vec![vec![
            format!("{:.0}", idle.seconds),
            format!("{:.2}", idle.cpu_seconds),
            format!("{:.2} %", idle.core_share() * 100.0),
            mb(idle.resident_before),
            mb(idle.resident_after),
        ]],
    )
}

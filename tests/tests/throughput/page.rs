//! The report as an HTML page: one file without scripts.

use nosana_bench::{
    format::format_thousands,
    html::{
        elements::{TableRow, escape_html, render_table},
        render_document, render_figures, render_section,
        self_contained::check_self_contained,
    },
};

use crate::{
    chart::render_chart,
    cost::{Charge, PARTS, sum_charges},
    fees::{Fees, sum_fees},
    report::Report,
    row::{format_whole, table_row},
    speed::{RUNS, TIMES, render_runs, render_times},
};

const TITLE: &str = "How many jobs the programs can run";
const LEAD: &str = "A whole job is listed, taken, started, finished, settled after its challenge \
                    window, and closed: six transactions.";
const COSTS: &str = "What a leader charges for each transaction, in compute units of a block, by \
                     the cost model of Agave. Before it executes a transaction, the leader sets \
                     aside what is reserved: the most that it may use. Without a limit of loaded \
                     bytes it may load 64 MiB; the clients request a limit.";
const FEES: &str = "Lamports that a whole job costs without rent. A transaction pays for its \
                    signature, and a priority fee for every compute unit that it requests: a tenth \
                    and 5,000 more than it uses.";
const CEILINGS: &str = "Whole jobs in blocks with nothing else. A leader charges a transaction to \
                        the block and to every account that it locks for writing; both have a \
                        limit.";
const SHARED: &str = "What limits the jobs of one market: all of them write these accounts. Jobs \
                      of different markets share none unless the table says so.";

/// Renders the page.
pub fn render_page(report: &Report) -> String {
    let costs = render_chart(&report.charges) + &render_costs(&report.charges);
    let parts = [
        format!("<header>\n<h1>{TITLE}</h1>\n<p>{}</p>\n</header>", escape_html(LEAD)),
        render_tiles(report),
        render_section("Cost of each transaction", COSTS, &costs),
        render_section("Fees of a whole job", FEES, &render_fees(&sum_fees(&report.charges))),
        render_section("Jobs in a second", CEILINGS, &render_ceilings(report)),
        render_section("Accounts that jobs share", SHARED, &render_shared(report)),
        render_section("Time of each transaction", TIMES, &render_times(&report.timings)),
        render_section("Transactions on a bank", RUNS, &render_runs(&report.bank_runs)),
    ];

    let page = render_document(TITLE, &parts.join("\n"));
    check_self_contained(&page).unwrap_or_else(|error| panic!("{error:#}"));
    page
}

fn render_tiles(report: &Report) -> String {
    let [one, many] = &report.ceilings;
    let many_markets = format!("jobs a second in {} markets", many.markets);

    render_figures(&[
        ("units of a block for a whole job", format_thousands(sum_charges(&report.charges))),
        ("jobs a second in one market", format_whole(one.jobs_per_second())),
        (many_markets.as_str(), format_whole(many.jobs_per_second())),
        ("jobs a second on LiteSVM", format_whole(report.timings.jobs_per_second())),
    ])
}

fn render_costs(charges: &[Charge]) -> String {
    let mut heading = vec!["transaction"];
    heading.extend(PARTS);
    heading.extend(["total", "reserved without a limit", "reserved with the limit"]);
    heading.extend(["bytes", "loaded bytes"]);

    let row = |charge: &Charge| {
        let mut figures = charge.parts.to_vec();
        figures.extend([charge.total, charge.reserved, charge.reserved_with_limit]);
        figures.extend([charge.footprint.bytes, charge.loaded_bytes.into()]);
        let cells = figures.into_iter().map(format_thousands);
        table_row(charge.step.name(), cells)
    };
    let rows: Vec<TableRow> = charges.iter().map(row).collect();
    render_table("", &heading, &[], &rows)
}

fn render_fees(fees: &[Fees]) -> String {
    let row = |fees: &Fees| {
        let figures = [fees.of_signatures, fees.of_priority, fees.total()].map(format_thousands);
        table_row(&format_thousands(fees.price), figures)
    };

    let rows: Vec<TableRow> = fees.iter().map(row).collect();
    let heading = ["micro-lamports for a unit", "signatures", "priority", "lamports"];
    render_table("", &heading, &[], &rows)
}

fn render_ceilings(report: &Report) -> String {
    let rows = report.ceilings.each_ref().map(|ceiling| {
        let figures =
            [format_thousands(ceiling.jobs_per_block), format_whole(ceiling.jobs_per_second())];
        let bound = [ceiling.bound.clone()];
        table_row(&ceiling.markets.to_string(), figures.into_iter().chain(bound))
    });

    let heading = ["markets", "jobs in a block", "jobs in a second", "full first"];
    render_table("", &heading, &[3], &rows)
}

fn render_shared(report: &Report) -> String {
    let in_market = report.in_market.iter().map(|account| (account, "of one market"));
    let between = report.between_markets.iter().map(|account| (account, "of all markets"));
    let rows: Vec<TableRow> = in_market
        .chain(between)
        .map(|(account, jobs)| {
            let figures = [account.transactions, account.units].map(format_thousands);
            table_row(&account.name, [jobs.to_owned()].into_iter().chain(figures))
        })
        .collect();

    let heading = ["account", "jobs", "transactions of a job", "units of a job"];
    render_table("", &heading, &[1], &rows)
}

#[test]
fn fees_are_listed_by_their_price() {
    let fees = Fees { price: 10_000, of_signatures: 30_000, of_priority: 432 };
    let table = render_fees(&[fees]);
    let row = "<th scope=\"row\">10,000</th><td>30,000</td><td>432</td><td>30,432</td>";
    assert!(table.contains(row), "{table}");
}

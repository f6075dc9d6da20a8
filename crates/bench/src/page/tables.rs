//! The report's tables.

use super::html::{Row, escape, table};
use crate::{
    books::{Books, Holder},
    checks::Check,
    format::{change, nos, seconds, short, thousands},
    report::{DemoReport, JobReport},
};

/// The instructions that may be sent for a job.
const INSTRUCTIONS: [&str; 5] = ["list", "work", "start", "heartbeat", "finish"];

/// Time, money and result of each job.
pub fn jobs(report: &DemoReport) -> String {
    let heading = [
        "job", "met", "listing", "waiting", "starting", "running", "settling", "total", "paid",
        "pay", "refund", "fee", "result",
    ];
    let row = |job: &JobReport| {
        let mut cells = vec![job.number.to_string(), job.direction.name().to_owned()];
        cells.extend(job.stages.iter().map(|stage| seconds(stage.ms())));
        cells.extend([seconds(job.marks.total_ms()), format!("{} s", job.chain.paid_seconds)]);
        cells.extend([job.money.node, job.money.refund, job.money.network].map(nos));
        cells.push(short(&job.result));
        let texts = job.inputs.join("\n");
        let chain = job.chain;
        let title = format!(
            "{texts}\n\naccount {}\ndefinition {}\nresult {}\ndeposit {} NOS\nby the chain’s clock: started {} s \
             after it was listed, submitted {} s after that",
            job.address,
            job.definition,
            job.result,
            nos(job.money.escrow),
            chain.started - chain.listed,
            chain.submitted - chain.started,
        );
        Row { title, cells }
    };
    let rows: Vec<_> = report.jobs.iter().map(row).collect();
    table(
        "Seconds by the harness’ clock; paid by the chain’s, in whole seconds; money in NOS",
        &heading,
        &[1, 12],
        &rows,
    )
}

/// Compute units and fees of each job, then of everything else.
pub fn costs(report: &DemoReport) -> String {
    let heading =
        ["job", "list", "work", "start", "heartbeat", "finish", "all", "fees in lamports"];
    let row = |job: &JobReport| {
        let units = INSTRUCTIONS.map(|instruction| job.compute_units(instruction));
        let mut cells = vec![job.number.to_string()];
        cells.extend(units.map(|units| units.map_or("–".to_owned(), thousands)));
        cells.extend([
            thousands(units.iter().flatten().sum::<u64>()),
            thousands(job.fee_lamports()),
        ]);
        let signatures =
            job.transactions.iter().map(|tx| format!("{} {}", tx.instruction, tx.signature));
        Row { title: signatures.collect::<Vec<_>>().join("\n"), cells }
    };
    let rows: Vec<_> = report.jobs.iter().map(row).collect();
    let others: Vec<_> = report
        .other_transactions
        .iter()
        .map(|tx| format!("{} {}", tx.instruction, thousands(tx.compute_units)))
        .collect();
    let others = format!("<p>Besides, for no single job: {}.</p>\n", escape(&others.join(", ")));
    table("Compute units of each transaction; point at a row for signatures", &heading, &[], &rows)
        + &others
}

/// Who held how much, and what changed.
pub fn books(books: &Books) -> String {
    let mut heading = vec!["account", "at the start"];
    heading.extend(books.periods.iter().map(|period| period.name.as_str()));
    heading.push("at the end");
    let at = |balances: Option<&[u64; 7]>, holder: Holder| {
        balances.map_or_else(String::new, |all| nos(all[holder as usize]))
    };
    let row = |holder: Holder| {
        let mut cells = vec![holder.name().to_owned()];
        cells.push(at(books.periods.first().map(|period| &period.before), holder));
        cells.extend(books.periods.iter().map(|period| change(period.change(holder))));
        cells.push(at(books.periods.last().map(|period| &period.after), holder));
        let expected = books.periods.iter().map(|period| {
            format!(
                "{}: expected {}, was {}",
                period.name,
                change(period.expected.of(holder)),
                change(period.change(holder))
            )
        });
        Row { title: expected.collect::<Vec<_>>().join("\n"), cells }
    };
    let mut rows: Vec<_> = Holder::ALL.into_iter().map(row).collect();
    let mut sum = vec!["sum, and supply".to_owned(), nos(books.supply)];
    sum.extend(books.periods.iter().map(|period| change(period.sum())));
    sum.push(nos(books.supply));
    rows.push(Row { title: String::new(), cells: sum });
    table("Balances in NOS; point at a row for what the rules expect", &heading, &[], &rows)
}

/// What had to hold.
pub fn checks(checks: &[Check]) -> String {
    let item = |check: &Check| {
        let (class, sign) = if check.holds { ("yes", "✔") } else { ("no", "✘") };
        let (claim, detail) = (escape(&check.claim), escape(&check.detail));
        format!(
            "<li class=\"{class}\"><b>{sign}</b><span>{claim} <small>{detail}</small></span></li>\n"
        )
    };
    format!("<ul class=\"checks\">\n{}</ul>", checks.iter().map(item).collect::<String>())
}

/// What it ran on.
pub fn setting(report: &DemoReport) -> String {
    let (setting, again) = (&report.setting, &report.recomputed);
    let hardware = &setting.hardware;
    let timings: Vec<_> =
        report.timings.iter().map(|(part, seconds)| format!("{part} {seconds:.1} s")).collect();
    let problems =
        if report.problems.is_empty() { "nothing".to_owned() } else { report.problems.join("; ") };
    let facts = [
        (
            "graphics",
            format!(
                "{} ({}), {} GFLOP/s",
                hardware.adapter, hardware.backend, hardware.matmul_gflops
            ),
        ),
        ("graphics memory", format!("{} MiB, {} GB/s", hardware.vram_mib, hardware.memory_gb_s)),
        ("hardware commitment", setting.hardware_digest.clone()),
        ("model", setting.model.to_owned()),
        ("network", format!("local, a block each {} ms", setting.slot_ms)),
        ("market", setting.market.clone()),
        ("price", format!("{} NOS an hour", nos(u128::from(setting.price_per_second) * 3_600))),
        ("network fee", format!("{} basis points", setting.network_fee_bps)),
        (
            "computed again",
            format!("job {}, {} vectors, {:.1} s", again.job, again.vectors, again.seconds),
        ),
        ("had to be tried again", problems),
        ("took", timings.join(", ")),
    ];
    let fact =
        |(name, value): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&value));
    format!("<dl class=\"facts\">\n{}</dl>", facts.map(fact).concat())
}

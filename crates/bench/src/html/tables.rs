//! The tables of the page.

use super::elements::{TableRow, escape_html, render_table};
use crate::{
    balances::{BalanceSheet, Balances, TokenHolder},
    checks::Check,
    format::{format_change, format_nos, format_seconds, format_thousands, shorten_id},
    report::{DemoReport, job::JobReport},
};

/// The instructions that may be sent for a job.
const INSTRUCTIONS: [&str; 5] = ["list", "work", "start", "heartbeat", "finish"];

/// Renders time, money and result of each job.
pub fn render_jobs(report: &DemoReport) -> String {
    let heading = [
        "job", "match", "listing", "waiting", "starting", "running", "settling", "total", "paid",
        "pay", "refund", "fee", "result",
    ];
    let row = |job: &JobReport| {
        let mut cells = vec![job.number.to_string(), job.direction.name().to_owned()];
        cells.extend(job.stages.iter().map(|stage| format_seconds(stage.duration_ms())));
        cells.push(format_seconds(job.marks.total_ms()));
        cells.push(format!("{} s", job.chain.paid_seconds));
        cells.extend([job.money.node, job.money.refund, job.money.network].map(format_nos));
        cells.push(shorten_id(&job.result));
        TableRow { title: describe_job(job), cells }
    };
    let rows: Vec<_> = report.jobs.iter().map(row).collect();

    render_table(
        "Stages in seconds by the harness’ clock; paid time in whole seconds by the cluster’s \
         clock; money in NOS",
        &heading,
        &[1, 12],
        &rows,
    )
}

fn describe_job(job: &JobReport) -> String {
    let chain = job.chain;
    format!(
        "{}\n\naccount {}\ndefinition {}\nresult {}\ndeposit {} NOS\n\
         by the cluster’s clock: started {} s after it was listed, submitted {} s after that",
        job.inputs.join("\n"),
        job.address,
        job.definition,
        job.result,
        format_nos(job.money.escrow),
        chain.started - chain.listed,
        chain.submitted - chain.started,
    )
}

/// Renders the question and the answer of each job.
pub fn render_answers(report: &DemoReport) -> String {
    let row = |job: &JobReport| {
        let (text, tokens) = job.answer.as_ref().map_or_else(
            || ("–".to_owned(), "–".to_owned()),
            |answer| (answer.text.clone(), answer.token_ids.len().to_string()),
        );
        let cells = vec![job.number.to_string(), job.question.clone(), text, tokens];
        TableRow { title: String::new(), cells }
    };
    let rows: Vec<_> = report.jobs.iter().map(row).collect();

    render_table(
        "A model of 135 million parameters with weights of four bits: some answers are wrong",
        &["job", "question", "answer", "tokens"],
        &[1, 2],
        &rows,
    )
}

/// Renders compute units and fees of each job, then those of other transactions.
pub fn render_costs(report: &DemoReport) -> String {
    let heading =
        ["job", "list", "work", "start", "heartbeat", "finish", "all", "fees in lamports"];
    let row = |job: &JobReport| {
        let units = INSTRUCTIONS.map(|instruction| job.compute_units(instruction));
        let mut cells = vec![job.number.to_string()];
        cells.extend(units.map(|units| units.map_or("–".to_owned(), format_thousands)));
        cells.push(format_thousands(units.iter().flatten().sum::<u64>()));
        cells.push(format_thousands(job.fee_lamports()));

        let signatures =
            job.transactions.iter().map(|tx| format!("{} {}", tx.instruction, tx.signature));
        TableRow { title: signatures.collect::<Vec<_>>().join("\n"), cells }
    };
    let rows: Vec<_> = report.jobs.iter().map(row).collect();
    let table = render_table(
        "Compute units of each transaction; point at a row for signatures",
        &heading,
        &[],
        &rows,
    );

    let others: Vec<_> = report
        .other_transactions
        .iter()
        .map(|tx| format!("{} {}", tx.instruction, format_thousands(tx.compute_units)))
        .collect();
    let others = escape_html(&others.join(", "));
    table + &format!("<p>Other transactions, not for a single job: {others}.</p>\n")
}

/// Renders the balances and their changes.
pub fn render_balances(sheet: &BalanceSheet) -> String {
    let periods = &sheet.periods;
    let mut heading = vec!["account", "at the start"];
    heading.extend(periods.iter().map(|period| period.name.as_str()));
    heading.push("at the end");

    let balance = |balances: Option<&Balances>, holder: TokenHolder| {
        balances.map_or_else(String::new, |all| format_nos(all[holder as usize]))
    };
    let row = |holder: TokenHolder| {
        let mut cells = vec![holder.name().to_owned()];
        cells.push(balance(periods.first().map(|period| &period.before), holder));
        cells.extend(periods.iter().map(|period| format_change(period.change_of(holder))));
        cells.push(balance(periods.last().map(|period| &period.after), holder));

        let expected = periods.iter().map(|period| {
            format!(
                "{}: expected {}, was {}",
                period.name,
                format_change(period.expected.change_of(holder)),
                format_change(period.change_of(holder))
            )
        });
        TableRow { title: expected.collect::<Vec<_>>().join("\n"), cells }
    };
    let mut rows: Vec<_> = TokenHolder::ALL.into_iter().map(row).collect();

    let mut sum = vec!["sum, and supply".to_owned(), format_nos(sheet.supply)];
    sum.extend(periods.iter().map(|period| format_change(period.sum_changes())));
    sum.push(format_nos(sheet.supply));
    rows.push(TableRow { title: String::new(), cells: sum });

    render_table(
        "Balances in NOS; point at a row for the changes that the rules expect",
        &heading,
        &[],
        &rows,
    )
}

/// Renders the checks as a list.
pub fn render_checks(checks: &[Check]) -> String {
    let item = |check: &Check| {
        let (class, sign) = if check.holds { ("yes", "✔") } else { ("no", "✘") };
        let claim = escape_html(&check.claim);
        let detail = escape_html(&check.detail);
        format!(
            "<li class=\"{class}\"><b>{sign}</b>\
             <span>{claim} <small>{detail}</small></span></li>\n"
        )
    };

    format!("<ul class=\"checks\">\n{}</ul>", checks.iter().map(item).collect::<String>())
}

/// Renders the environment of the demo.
pub fn render_setting(report: &DemoReport) -> String {
    let setting = &report.setting;
    let hardware = &setting.hardware;
    let device = format!("{} ({})", hardware.device, hardware.backend);
    let speed = format!(
        "reads {} and generates {} tokens a second",
        hardware.prompt_tokens_per_second, hardware.generated_tokens_per_second
    );
    let bandwidth =
        format!("{:.1} GB/s of weights", hardware.weights_bytes_per_second as f64 / 1e9);
    let memory = format!("{} MiB", hardware.vram_mib);
    let price_per_hour = format_nos(u128::from(setting.price_per_second) * 3_600);

    let again = &report.recomputed;
    let recomputed =
        format!("job {}, {} vectors, {:.1} s", again.job, again.vectors, again.seconds);
    let problems =
        if report.problems.is_empty() { "nothing".to_owned() } else { report.problems.join("; ") };
    let timings: Vec<_> =
        report.timings.iter().map(|(part, seconds)| format!("{part} {seconds:.1} s")).collect();

    let facts = [
        ("Device", device),
        ("Speed", speed),
        ("Bandwidth", bandwidth),
        ("GPU memory", memory),
        ("hardware commitment", setting.hardware_digest.clone()),
        ("models", setting.models.join(", ")),
        ("network", format!("local, one block every {} ms", setting.slot_ms)),
        ("market", setting.market.clone()),
        ("price", format!("{price_per_hour} NOS per hour")),
        ("network fee", format!("{} basis points", setting.network_fee_bps)),
        ("recomputed", recomputed),
        ("retried", problems),
        ("duration", timings.join(", ")),
    ];
    render_facts(&facts)
}

/// Renders facts with their names.
pub fn render_facts(facts: &[(&str, String)]) -> String {
    let fact = |(name, value): &(&str, String)| {
        format!("<dt>{}</dt><dd>{}</dd>\n", escape_html(name), escape_html(value))
    };
    format!("<dl class=\"facts\">\n{}</dl>", facts.iter().map(fact).collect::<String>())
}

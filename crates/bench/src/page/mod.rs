//! The report as a page: one file, no scripts, light or dark as the reader's system is.

mod bars;
mod html;
mod style;
mod tables;
mod timeline;

use std::{fs, path::Path};

use anyhow::{Context, Result};
use nosana_engine::AdapterKind;

use crate::{
    compute,
    format::{difference, nos, percent, seconds, thousands},
    report::DemoReport,
};
use html::escape;

/// Writes `index.html` and `demo.json` into a folder.
pub fn write(report: &DemoReport, folder: &Path) -> Result<()> {
    let json = serde_json::to_vec_pretty(report).context("cannot write the report as JSON")?;
    for (name, bytes) in [("demo.json", json), ("index.html", render(report).into_bytes())] {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The page.
pub fn render(report: &DemoReport) -> String {
    let sections = [
        section(
            "Time",
            "Where each job's time went, from the client's transaction to the pay.",
            &time(report),
        ),
        section("Jobs", "Point at a row for its texts and addresses.", &tables::jobs(report)),
        section(
            "Compute units",
            &compute_line(report),
            &(bars::render(&report.compute) + &tables::costs(report)),
        ),
        section("The books", &books_line(report), &tables::books(&report.books)),
        section(
            "Checks",
            "What had to hold for this page to be green.",
            &tables::checks(&report.checks),
        ),
        section("Setting", "What this ran on.", &tables::setting(report)),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{style}</style>\n</head>\n<body>\n<main>\n{header}\n{tiles}\n{sections}\n</main>\n</body>\n</html>\n",
        title = escape(&title(report)),
        style = style::STYLE,
        header = header(report),
        tiles = tiles(report),
        sections = sections.join("\n"),
    )
}

fn title(report: &DemoReport) -> String {
    let jobs = report.jobs.len();
    format!(
        "Nosana demo: {jobs} inference {}, paid on a chain",
        if jobs == 1 { "job" } else { "jobs" }
    )
}

fn header(report: &DemoReport) -> String {
    let failed = report.checks.iter().filter(|check| !check.holds).count();
    let verdict = match failed {
        0 => format!("<p class=\"verdict good\">✔ All {} checks hold</p>", report.checks.len()),
        _ => format!(
            "<p class=\"verdict bad\">✘ {failed} of {} checks fail</p>",
            report.checks.len()
        ),
    };
    let hardware = &report.setting.hardware;
    let stands_in = match hardware.kind {
        AdapterKind::Software => ", a processor that stands in for a GPU",
        _ => "",
    };
    let lead = format!(
        "A client listed its jobs in a market on a local network. A node ran them through {} on {}{stands_in}; it \
         committed to their results and was paid by the second. Then the network’s fee went to its stakers.",
        hardware.backend, hardware.adapter,
    );
    format!(
        "<header>\n<h1>{}</h1>\n<p>{}</p>\n{verdict}\n</header>",
        escape(&title(report)),
        escape(&lead)
    )
}

fn tiles(report: &DemoReport) -> String {
    let (paid, fees) = report.paid();
    let (units, before) = compute::whole_job(&report.compute);
    let tiles = [
        ("median job, listed to paid", format!("{} s", seconds(report.median_total_ms()))),
        ("compute units of a job", thousands(units)),
        ("of the predecessor’s", percent(units, before)),
        ("NOS earned by the node", nos(paid)),
        ("NOS of fees, now the stakers’", nos(fees)),
        ("difference when computed again", difference(report.recomputed.max_difference)),
    ];
    let tile = |(name, value): (&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>", name, escape(&value))
    };
    format!("<dl class=\"tiles\">\n{}\n</dl>", tiles.map(tile).join("\n"))
}

fn time(report: &DemoReport) -> String {
    let lanes: Vec<_> = report.jobs.iter().map(timeline::Lane::new).collect();
    timeline::legend(&lanes) + &timeline::render(&lanes)
}

fn compute_line(report: &DemoReport) -> String {
    let (units, before) = compute::whole_job(&report.compute);
    format!(
        "A whole job takes {} compute units, the predecessor {}: {}. Each figure is the middle one of its \
         transactions, the {} for setting the limit included.",
        thousands(units),
        thousands(before),
        percent(units, before),
        compute::LIMIT_UNITS,
    )
}

fn books_line(report: &DemoReport) -> String {
    let rewards = report.rewards;
    format!(
        "In NOS. Nothing else ever held any, so each column of differences must sum to nothing. The market’s fees, \
         {}, were swept to the pool; {} seconds later the only staker claimed {}.",
        nos(rewards.swept),
        thousands(rewards.traveled_seconds),
        nos(rewards.claimed),
    )
}

fn section(title: &str, lead: &str, body: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n<p>{}</p>\n{body}\n</section>", escape(lead))
}

#[cfg(test)]
mod tests {
    use super::{render, write};
    use crate::{checks::Check, report::sample};

    #[test]
    fn the_page_needs_nothing_else() {
        let page = render(&sample::report());
        for absent in ["<script", "http:", "https:", "<link", "@import", "url(", "NaN"] {
            assert!(!page.contains(absent), "{absent}");
        }
        assert!(
            page.contains("✔ All 1 checks hold") && page.contains("prefers-color-scheme: dark")
        );
        assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
        assert_eq!(page.matches("<svg").count(), 2);
    }

    #[test]
    fn texts_of_jobs_cannot_break_the_page() {
        let mut report = sample::report();
        report.jobs[0].inputs = vec!["\"><script>alert(1)</script>".to_owned()];
        assert!(!render(&report).contains("<script"));
    }

    #[test]
    fn what_fails_is_shown() {
        let mut report = sample::report();
        report.checks.push(Check {
            claim: "one is two".to_owned(),
            holds: false,
            detail: "1, not 2".to_owned(),
        });
        let page = render(&report);
        assert!(
            page.contains("✘ 1 of 2 checks fail")
                && page.contains("one is two <small>1, not 2</small>")
        );
    }

    #[test]
    fn the_data_lie_beside_the_page() {
        let folder = tempfile::tempdir().unwrap();
        write(&sample::report(), folder.path()).unwrap();
        let json = std::fs::read(folder.path().join("demo.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["version"], "nosana-demo/1");
        assert_eq!(json["jobs"][0]["stages"][1]["kind"], "queued");
        assert_eq!(json["books"]["periods"][0]["expected"][0], -55);
        assert!(folder.path().join("index.html").is_file());
    }
}

//! The page of the demo, and what all pages share.

mod bars;
mod series;
mod stacks;

use super::{
    render_figures, render_page, self_contained::check_self_contained, tables::render_facts,
    write_report,
};
use crate::{checks::Check, report::sample::sample_report};

#[test]
fn the_page_is_self_contained() {
    let page = render_page(&sample_report());
    check_self_contained(&page).unwrap();
    assert!(page.contains("✔ All 1 checks hold") && page.contains("prefers-color-scheme: dark"));
    assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
    assert_eq!(page.matches("<svg").count(), 2);
}

#[test]
fn texts_of_jobs_cannot_break_the_page() {
    let mut report = sample_report();
    report.jobs[0].inputs = vec!["\"><script>alert(1)</script>".to_owned()];
    let page = render_page(&report);
    assert!(!page.contains("<script") && page.contains("A &lt;b&gt;rug&lt;/b&gt;."));
}

#[test]
fn failed_checks_are_shown() {
    let mut report = sample_report();
    report.checks.push(Check {
        claim: "one is two".to_owned(),
        holds: false,
        detail: "1, not 2".to_owned(),
    });
    let page = render_page(&report);
    assert!(
        page.contains("✘ 1 of 2 checks fail")
            && page.contains("one is two <small>1, not 2</small>")
    );
}

#[test]
fn the_data_are_written_beside_the_page() {
    let folder = tempfile::tempdir().unwrap();
    write_report(&sample_report(), folder.path()).unwrap();

    let json = std::fs::read(folder.path().join("demo.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["version"], "nosana-demo/2");
    assert_eq!(json["jobs"][0]["stages"][1]["kind"], "queued");
    assert_eq!(json["books"]["periods"][0]["expected"][0], -55);
    assert!(folder.path().join("index.html").is_file());
}

#[test]
fn names_of_figures_and_facts_are_escaped() {
    for html in
        [render_figures(&[("<b>", "1".to_owned())]), render_facts(&[("<b>", "1".to_owned())])]
    {
        assert!(html.contains("<dt>&lt;b&gt;</dt>"), "{html}");
    }
}

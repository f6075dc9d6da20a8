//! Bars in pairs.

use crate::{
    compute::ComputeRow,
    html::bars::{BarGroup, render_bars, render_groups},
};

fn compute_row(instruction: &str, median: u64, predecessor: Option<u64>) -> ComputeRow {
    ComputeRow {
        instruction: instruction.to_owned(),
        count: 1,
        min: median,
        median,
        max: median,
        predecessor,
    }
}

#[test]
fn the_longest_bar_fills_the_width_and_others_are_in_proportion() {
    let rows = [
        compute_row("list", 5_537, Some(22_147)),
        compute_row("start", 1_000, None),
        compute_row("claim", 9, None),
    ];
    let svg = render_bars(&rows);
    assert!(svg.contains("5,537 (25.0 %)"), "{svg}");
    assert!(svg.contains("width=\"740.0\""), "the predecessor's whole job is the longest: {svg}");
    assert!(!svg.contains("claim"), "not an instruction of a job");
    assert_eq!(svg.matches("<rect").count(), 6);
    assert!(!render_bars(&[]).contains("NaN"));
}

#[test]
fn texts_are_escaped_and_no_pairs_are_not_drawn() {
    let group = BarGroup { name: "<a>".to_owned(), ours: 1, theirs: None };
    let html = render_groups("<b>", ["<c>", "<d>"], &[group]);
    for raw in ["<a>", "<b>", "<c>", "<d>"] {
        assert!(!html.contains(raw), "{raw}: {html}");
    }
    let description = "1 pair, &lt;c&gt; above &lt;d&gt;. &lt;a&gt;: 1 and none.";
    assert!(html.contains(description), "{html}");
    assert!(render_groups("empty", ["a", "b"], &[]).is_empty());
}

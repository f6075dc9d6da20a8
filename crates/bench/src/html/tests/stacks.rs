//! Bars of stacked parts.

use crate::html::stacks::{Stack, Stacks, render_stacks};

fn stacks(parts: usize, bars: usize) -> Stacks {
    let bar = |number| Stack { name: format!("bar {number}"), parts: vec![700; parts] };
    Stacks {
        id: "sample",
        title: "A & B",
        unit: "units",
        parts: (0..parts).map(|number| format!("part <{number}>")).collect(),
        bars: (0..bars).map(bar).collect(),
    }
}

#[test]
fn each_part_of_each_bar_is_drawn_in_a_color_of_the_style_sheet() {
    let html = render_stacks(&stacks(2, 3)).unwrap();
    for part in ["A &amp; B", "part &lt;1&gt;", "bar 2", "1,400", "units", "3 bars of units"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("var(--series-a)").count(), 3, "{html}");
    assert_eq!(html.matches("var(--series-b)").count(), 3, "{html}");
    assert!(!html.contains("#0000") && !html.contains("http"), "{html}");
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    assert!(render_stacks(&stacks(2, 0)).is_err());
    assert!(render_stacks(&stacks(6, 1)).is_err());
    assert!(render_stacks(&stacks(0, 1)).is_ok(), "bars of height zero");
}

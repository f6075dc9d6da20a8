//! Groups of bars.

use crate::html::series::{Series, SeriesBar, SeriesGroup, render_captioned, render_series};

fn bar(length: f64) -> Option<SeriesBar> {
    Some(SeriesBar { length, figure: format!("{length} <") })
}

#[test]
fn the_longest_bar_fills_the_width_and_others_are_in_proportion() {
    let series = [("ours", "now"), ("theirs", "before")]
        .map(|(class, name)| Series { class, name: name.to_owned() });
    let groups = [
        SeriesGroup { name: "a & b".to_owned(), bars: vec![bar(50.0), bar(100.0)] },
        SeriesGroup { name: "new".to_owned(), bars: vec![bar(25.0), None] },
    ];
    let html = render_series("figures", &series, &groups);
    for part in ["width=\"550.0\"", "width=\"275.0\"", "width=\"137.5\"", "a &amp; b", "50 &lt;"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("<rect").count(), 3);
    assert_eq!(html.matches("<li>").count(), 2);
    let description = "2 groups of up to 2 bars. The longest is a &amp; b, before: 100 &lt;.";
    assert!(html.contains(description), "{html}");
}

#[test]
fn bars_without_length_are_drawn() {
    let series = [Series { class: "ours", name: "now".to_owned() }];
    let groups = [SeriesGroup { name: "zero".to_owned(), bars: vec![bar(0.0)] }];
    let html = render_series("figures", &series, &groups);
    assert!(html.contains("width=\"0.0\"") && !html.contains("NaN"), "{html}");
    assert!(render_series("figures", &series, &[]).is_empty());
    assert!(render_captioned("figures", &series, &[]).is_empty());
    assert!(render_captioned("a & b", &series, &groups).starts_with("<p>a &amp; b</p>"));
}

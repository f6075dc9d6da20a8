//! Groups of horizontal bars, one bar for each series: an instruction now, before, and its floor.

use std::fmt::Write;

use super::elements::escape_html;

// Sizes in units of the drawing.
const WIDTH: u64 = 1_000;
const LABEL_WIDTH: u64 = 290;
const FIGURE_WIDTH: u64 = 160;
const BAR_HEIGHT: u64 = 11;
const BAR_STEP: u64 = 13;
const GROUP_GAP: u64 = 10;

/// A series of bars.
pub struct Series {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// Its name in the legend.
    pub name: String,
}

/// Bars of one quantity.
pub struct SeriesGroup {
    /// The quantity.
    pub name: String,
    /// A bar for each series; `None` where the series has no figure.
    pub bars: Vec<Option<SeriesBar>>,
}

/// A bar.
pub struct SeriesBar {
    /// Its length, in the unit of all bars of the drawing.
    pub length: f64,
    /// The text behind it.
    pub figure: String,
}

/// Renders the drawing with its legend. `label` names it.
pub fn render_series(label: &str, series: &[Series], groups: &[SeriesGroup]) -> String {
    let item = |series: &Series| {
        format!("<li><i class=\"{}\"></i>{}</li>", series.class, escape_html(&series.name))
    };
    let legend: String = series.iter().map(item).collect();

    format!("<ul class=\"legend\">{legend}</ul>\n{}", draw_groups(label, series, groups))
}

fn draw_groups(label: &str, series: &[Series], groups: &[SeriesGroup]) -> String {
    let lengths = groups.iter().flat_map(|group| &group.bars).flatten().map(|bar| bar.length);
    let most = lengths.fold(0.0, f64::max);
    let longest = (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) as f64;
    let scale = |length: f64| if most > 0.0 { length.max(0.0) / most * longest } else { 0.0 };

    let group_height = BAR_STEP * series.len() as u64 + GROUP_GAP;
    let height = group_height * groups.len() as u64;
    let mut out = format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{}\">\n",
        escape_html(label)
    );

    for (index, group) in (0..).zip(groups) {
        let top = index * group_height + GROUP_GAP / 2;
        let baseline = top + BAR_STEP * series.len() as u64 / 2 + 4;
        // Writing to a string cannot fail, here and below.
        let name = escape_html(&group.name);
        let _ = writeln!(out, "<text x=\"10\" y=\"{baseline}\">{name}</text>");

        for ((line, series), bar) in (0..).zip(series).zip(&group.bars) {
            if let Some(bar) = bar {
                draw_bar(&mut out, series.class, top + line * BAR_STEP, scale(bar.length), bar);
            }
        }
    }

    out + "</svg></div>\n"
}

fn draw_bar(out: &mut String, class: &str, top: u64, length: f64, bar: &SeriesBar) {
    let end = LABEL_WIDTH as f64 + length + 8.0;
    let baseline = top + BAR_HEIGHT - 1;
    let figure = escape_html(&bar.figure);
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{LABEL_WIDTH}\" y=\"{top}\" width=\"{length:.1}\" \
         height=\"{BAR_HEIGHT}\" rx=\"2\"/>\
         <text class=\"soft\" x=\"{end:.1}\" y=\"{baseline}\">{figure}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for part in
            ["width=\"550.0\"", "width=\"275.0\"", "width=\"137.5\"", "a &amp; b", "50 &lt;"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(html.matches("<rect").count(), 3);
        assert_eq!(html.matches("<li>").count(), 2);
    }

    #[test]
    fn bars_without_length_are_drawn() {
        let series = [Series { class: "ours", name: "now".to_owned() }];
        let groups = [SeriesGroup { name: "zero".to_owned(), bars: vec![bar(0.0)] }];
        let html = render_series("figures", &series, &groups);
        assert!(html.contains("width=\"0.0\"") && !html.contains("NaN"), "{html}");
        assert!(render_series("figures", &series, &[]).contains("</svg>"));
    }
}

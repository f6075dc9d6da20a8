//! Groups of horizontal bars, one bar for each series: an instruction now, before, and its floor.

use std::fmt::Write;

use super::elements::{count_nouns, escape_html, open_svg};

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

/// Renders the drawing below its name; nothing if there are no groups.
pub fn render_captioned(label: &str, series: &[Series], groups: &[SeriesGroup]) -> String {
    if groups.is_empty() {
        return String::new();
    }
    format!("<p>{}</p>\n{}", escape_html(label), render_series(label, series, groups))
}

/// Renders the drawing with its legend; nothing if there are no groups. `label` names it for those
/// who cannot see it.
pub fn render_series(label: &str, series: &[Series], groups: &[SeriesGroup]) -> String {
    if groups.is_empty() {
        return String::new();
    }

    let item = |series: &Series| {
        format!("<li><i class=\"{}\"></i>{}</li>", series.class, escape_html(&series.name))
    };
    let legend: String = series.iter().map(item).collect();

    format!("<ul class=\"legend\">{legend}</ul>\n{}", draw_groups(label, series, groups))
}

/// Describes the drawing: its size, and its longest bar.
fn describe_bars(series: &[Series], groups: &[SeriesGroup]) -> String {
    let bars = groups.iter().flat_map(|group| {
        group.bars.iter().zip(series).filter_map(move |(bar, series)| {
            bar.as_ref().map(|bar| (bar, group.name.as_str(), series.name.as_str()))
        })
    });
    let longest = bars.max_by(|(a, ..), (b, ..)| a.length.total_cmp(&b.length));

    let counts = [(groups.len(), "group"), (series.len(), "bar")]
        .map(|(count, noun)| count_nouns(count, noun))
        .join(" of up to ");
    let longest = longest.map_or_else(String::new, |(bar, group, series)| {
        format!(" The longest is {group}, {series}: {}.", bar.figure)
    });
    format!("Horizontal bars: {counts}.{longest}")
}

fn draw_groups(label: &str, series: &[Series], groups: &[SeriesGroup]) -> String {
    let lengths = groups.iter().flat_map(|group| &group.bars).flatten().map(|bar| bar.length);
    let most = lengths.fold(0.0, f64::max);
    let longest = (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) as f64;
    let scale = |length: f64| if most > 0.0 { length.max(0.0) / most * longest } else { 0.0 };

    let group_height = BAR_STEP * series.len() as u64 + GROUP_GAP;
    let height = group_height * groups.len() as u64;
    let mut out = open_svg(label, &describe_bars(series, groups), [WIDTH, height]);

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

//! A drawing of a simulation as SVG, in colors of the style sheet.

use anyhow::{Context, Result};
use nosana_simulation::plots::{Line, Plot};
use plotters::{
    coord::{
        Shift,
        ranged1d::{AsRangedCoord, ValueFormatter},
    },
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::html::elements::escape_html;

/// Size of a drawing.
const SIZE: (u32, u32) = (1_000, 380);
/// Font size in the drawing's units. The style sheet sets the fonts.
const FONT_SIZE: u32 = 12;
/// Letters that name lines, so that colors are not the only difference.
const LETTERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Colors in the drawing, which [`VARIABLES`] replaces by variables of the style sheet.
const INK: RGBColor = RGBColor(0, 0, 1);
const GRID: RGBColor = RGBColor(0, 0, 2);
const THRESHOLD: RGBColor = RGBColor(0, 0, 3);
const LINES: [RGBColor; 5] =
    [RGBColor(0, 1, 1), RGBColor(0, 1, 2), RGBColor(0, 1, 3), RGBColor(0, 1, 4), RGBColor(0, 1, 5)];
const VARIABLES: [(&str, &str); 8] = [
    ("\"#000001\"", "\"var(--ink)\""),
    ("\"#000002\"", "\"var(--line)\""),
    ("\"#000003\"", "\"var(--bad)\""),
    ("\"#000101\"", "\"var(--series-a)\""),
    ("\"#000102\"", "\"var(--series-b)\""),
    ("\"#000103\"", "\"var(--series-c)\""),
    ("\"#000104\"", "\"var(--series-d)\""),
    ("\"#000105\"", "\"var(--series-e)\""),
];

/// Renders the drawing with its legend.
///
/// # Errors
/// If an axis is empty.
pub fn render_chart(plot: &Plot) -> Result<String> {
    let mut svg = String::new();
    draw_chart(plot, &mut svg).with_context(|| format!("cannot draw `{}`", plot.name))?;
    for (color, variable) in VARIABLES {
        svg = svg.replace(color, variable);
    }

    let title = escape_html(plot.title);
    let about = escape_html(plot.about);
    let label = format!(
        "<svg role=\"img\" aria-labelledby=\"{name}\" aria-describedby=\"{name}-about\" \
         viewBox=\"0 0 {} {}\">\n\
         <title id=\"{name}\">{title}</title>\n<desc id=\"{name}-about\">{about}</desc>\n",
        SIZE.0,
        SIZE.1,
        name = plot.name
    );
    let body = svg.split_once('>').map(|(_, body)| body).unwrap_or_default();
    Ok(format!("{}<div class=\"wide\">{label}{body}</div>\n", render_legend(plot)))
}

fn render_legend(plot: &Plot) -> String {
    let item = |(letter, line): (&str, &Line)| {
        format!("<li><i class=\"series-{letter}\"></i>{letter}: {}</li>", escape_html(&line.name))
    };
    let lines: String = LETTERS.into_iter().zip(&plot.lines).map(item).collect();
    let threshold = escape_html(plot.threshold.0);
    format!("<ul class=\"legend\">{lines}<li><i class=\"threshold\"></i>{threshold}</li></ul>\n")
}

fn draw_chart(plot: &Plot, svg: &mut String) -> Result<()> {
    let all = plot.lines.iter().flat_map(|line| &line.points).map(|(x, _)| *x);
    let from = all.clone().min_by(f64::total_cmp).context("it has no points")?;
    let to = all.max_by(f64::total_cmp).context("it has no points")?;

    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    if plot.is_logarithmic {
        draw_axes(plot, &root, (from..to).log_scale())
    } else {
        draw_axes(plot, &root, from..to)
    }
}

fn draw_axes<X>(plot: &Plot, root: &DrawingArea<SVGBackend<'_>, Shift>, x_axis: X) -> Result<()>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let (low, high) = plot.y_range;
    let mut chart = ChartBuilder::on(root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(42)
        .y_label_area_size(62)
        .build_cartesian_2d(x_axis, low..high)?;
    let text = ("sans-serif", FONT_SIZE).into_font().color(&INK);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(text.clone())
        .axis_desc_style(text.clone())
        .x_desc(plot.x_label)
        .y_desc(plot.y_label)
        .x_label_formatter(&format_tick)
        .y_label_formatter(&format_tick)
        .draw()?;

    let range = chart.x_range();
    let limit = [(range.start, plot.threshold.1), (range.end, plot.threshold.1)];
    chart.draw_series(DashedLineSeries::new(limit, 6, 4, THRESHOLD.stroke_width(1)))?;
    for ((line, color), letter) in plot.lines.iter().zip(LINES).zip(LETTERS) {
        let points = clip_line(&line.points, low, high);
        chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?;
        if let Some(last) = points.last() {
            let style = text.pos(Pos::new(HPos::Left, VPos::Center));
            let offset = EmptyElement::at(*last) + Text::new(letter, (5, 0), style);
            chart.draw_series([offset])?;
        }
    }
    root.present()?;
    Ok(())
}

/// Returns the first part of a line within the vertical axis.
fn clip_line(points: &[(f64, f64)], low: f64, high: f64) -> Vec<(f64, f64)> {
    let mut clipped: Vec<(f64, f64)> = Vec::new();
    for (x, y) in points {
        if (low..=high).contains(y) {
            clipped.push((*x, *y));
            continue;
        }
        if let Some((before, from)) = clipped.last().copied() {
            let edge = if *y < low { low } else { high };
            clipped.push((before + (x - before) * (edge - from) / (y - from), edge));
            break;
        }
    }
    clipped
}

/// Formats a number at an axis: without decimals that are not needed.
fn format_tick(number: &f64) -> String {
    let rounded = (number * 1_000.0).round() / 1_000.0;
    let text = if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(is_logarithmic: bool) -> Plot {
        Plot {
            name: "sample",
            title: "A & B",
            about: "x < y",
            x_label: "checks (%)",
            y_label: "gain (% of the price)",
            is_logarithmic,
            y_range: (-10.0, 10.0),
            threshold: ("zero <", 0.0),
            lines: vec![Line {
                name: "a line".to_owned(),
                points: vec![(1.0, -5.0), (10.0, 5.0), (100.0, 15.0)],
            }],
        }
    }

    #[test]
    fn a_drawing_has_names_units_and_colors_of_the_style_sheet() {
        for is_logarithmic in [false, true] {
            let html = render_chart(&plot(is_logarithmic)).unwrap();
            for part in [
                "<title id=\"sample\">A &amp; B</title>",
                "aria-labelledby=\"sample\"",
                "<desc id=\"sample-about\">x &lt; y</desc>",
                "checks (%)",
                "gain (% of the price)",
                "var(--series-a)",
                "zero &lt;",
            ] {
                assert!(html.contains(part), "{part}: {html}");
            }
            assert!(!html.contains("#0000") && !html.contains("http"), "{html}");
            assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
        }
    }

    #[test]
    fn lines_end_at_the_edge_of_the_axis() {
        let points = [(0.0, -20.0), (1.0, 0.0), (2.0, 20.0), (3.0, 0.0)];
        assert_eq!(clip_line(&points, -10.0, 10.0), [(1.0, 0.0), (1.5, 10.0)]);
        assert!(clip_line(&points[..1], -10.0, 10.0).is_empty());
        assert_eq!(
            [format_tick(&-5.0), format_tick(&0.1), format_tick(&-1e-9)],
            ["−5", "0.1", "0"]
        );
    }
}

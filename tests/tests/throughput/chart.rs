//! A drawing of what each transaction costs, as SVG in colors of the style sheet.

use nosana_bench::format::format_thousands;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::cost::{Charge, PARTS};

/// Size of the drawing.
const SIZE: (u32, u32) = (1_000, 380);
/// Font size in the drawing's units. The style sheet sets the fonts.
const FONT_SIZE: u32 = 12;
/// Room on both sides of a bar, as a part of its place.
const GAP: f64 = 0.2;
/// The end of the axis, as a multiple of the highest bar.
const HEADROOM: f64 = 1.1;

/// Colors in the drawing, which [`VARIABLES`] replaces by variables of the style sheet.
const INK: RGBColor = RGBColor(0, 0, 1);
const GRID: RGBColor = RGBColor(0, 0, 2);
const COLORS: [RGBColor; PARTS.len()] =
    [RGBColor(0, 1, 1), RGBColor(0, 1, 2), RGBColor(0, 1, 3), RGBColor(0, 1, 4), RGBColor(0, 1, 5)];
const VARIABLES: [(&str, &str); 7] = [
    ("\"#000001\"", "\"var(--ink)\""),
    ("\"#000002\"", "\"var(--line)\""),
    ("\"#000101\"", "\"var(--series-a)\""),
    ("\"#000102\"", "\"var(--series-b)\""),
    ("\"#000103\"", "\"var(--series-c)\""),
    ("\"#000104\"", "\"var(--series-d)\""),
    ("\"#000105\"", "\"var(--series-e)\""),
];

/// Renders the drawing with its legend.
pub fn render_chart(charges: &[Charge]) -> String {
    let mut svg = String::new();
    draw_chart(charges, &mut svg).expect("the drawing has bars");
    for (color, variable) in VARIABLES {
        svg = svg.replace(color, variable);
    }

    let (width, height) = SIZE;
    let (_, body) = svg.split_once('>').expect("the drawing is an element");
    format!(
        "{}<div class=\"wide\"><svg role=\"img\" aria-labelledby=\"costs\" \
         viewBox=\"0 0 {width} {height}\">\n\
         <title id=\"costs\">The cost of each transaction</title>\n{body}</div>\n",
        render_legend()
    )
}

/// Renders the names of the parts, in the order in which they are stacked.
fn render_legend() -> String {
    let item =
        |(letter, name): (char, &str)| format!("<li><i class=\"series-{letter}\"></i>{name}</li>");
    let items: String = ('a'..).zip(PARTS).map(item).collect();
    format!("<ul class=\"legend\">{items}</ul>\n")
}

/// Draws the axes and the bars.
fn draw_chart(charges: &[Charge], svg: &mut String) -> anyhow::Result<()> {
    let highest = charges.iter().map(|charge| charge.total).max().unwrap_or_default();
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let x_axis = 0.0..charges.len() as f64;
    let y_axis = 0.0..highest as f64 * HEADROOM;
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .x_label_area_size(32)
        .y_label_area_size(72)
        .build_cartesian_2d(x_axis, y_axis)?;

    let text = ("sans-serif", FONT_SIZE).into_font().color(&INK);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(text.clone())
        .axis_desc_style(text.clone())
        .y_desc("compute units of a block")
        .x_label_formatter(&hide_tick)
        .y_label_formatter(&format_tick)
        .draw()?;

    for (index, charge) in charges.iter().enumerate() {
        let place = index as f64;
        let (left, right) = (place + GAP, place + 1.0 - GAP);
        let mut bottom = 0.0;
        for (units, color) in charge.parts.into_iter().zip(COLORS) {
            let top = bottom + units as f64;
            chart.draw_series([Rectangle::new([(left, top), (right, bottom)], color.filled())])?;
            bottom = top;
        }

        let below = text.pos(Pos::new(HPos::Center, VPos::Top));
        let name = Text::new(charge.step.name(), (0, 8), below);
        chart.draw_series([EmptyElement::at((place + 0.5, 0.0)) + name])?;
        let above = text.pos(Pos::new(HPos::Center, VPos::Bottom));
        let total = Text::new(format_thousands(charge.total), (0, -5), above);
        chart.draw_series([EmptyElement::at((place + 0.5, bottom)) + total])?;
    }
    root.present()?;
    Ok(())
}

/// The bars have names in place of the axis.
fn hide_tick(_: &f64) -> String {
    String::new()
}

fn format_tick(units: &f64) -> String {
    format_thousands(*units as u64)
}

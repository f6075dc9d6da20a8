//! Bars of stacked parts as SVG, in colors of the style sheet.

use anyhow::{Context, Result, ensure};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    elements::{count_nouns, escape_html},
    palette::{COLORS, GRID, INK, MAX_PARTS, replace_colors},
};
use crate::format::format_thousands;

/// Size of the drawing.
const SIZE: (u32, u32) = (1_000, 380);
/// Font size in the drawing's units. The style sheet sets the fonts.
const FONT_SIZE: u32 = 12;
/// Room on both sides of a bar, as a part of its place.
const GAP: f64 = 0.2;
/// The end of the axis, as a multiple of the highest bar.
const HEADROOM: f64 = 1.1;

/// A drawing of bars.
pub struct Stacks {
    /// A short name that no other drawing of the page has.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What is counted, with its unit.
    pub unit: &'static str,
    /// The names of the parts, in the order in which they are stacked; five at most.
    pub parts: Vec<String>,
    /// The bars.
    pub bars: Vec<Stack>,
}

/// A bar.
pub struct Stack {
    /// Its name, below it.
    pub name: String,
    /// Its parts, in the order of [`Stacks::parts`].
    pub parts: Vec<u64>,
}

impl Stack {
    fn sum_parts(&self) -> u64 {
        self.parts.iter().sum()
    }
}

/// Renders the drawing with its legend.
///
/// # Errors
/// If there are no bars, or more parts than colors.
pub fn render_stacks(stacks: &Stacks) -> Result<String> {
    ensure!(!stacks.bars.is_empty(), "cannot draw `{}`: it has no bars", stacks.id);
    ensure!(
        stacks.parts.len() <= MAX_PARTS,
        "cannot draw `{}`: it has more than {MAX_PARTS} parts",
        stacks.id
    );

    let mut svg = String::new();
    draw_stacks(stacks, &mut svg).with_context(|| format!("cannot draw `{}`", stacks.id))?;
    let svg = replace_colors(&svg);

    let Stacks { id, title, .. } = stacks;
    let (width, height) = SIZE;
    let body = svg.split_once('>').map(|(_, body)| body).unwrap_or_default();
    Ok(format!(
        "{}<div class=\"wide\"><svg role=\"img\" aria-labelledby=\"{id}\" \
         viewBox=\"0 0 {width} {height}\">\n\
         <title id=\"{id}\">{}</title>\n<desc>{}</desc>\n{body}</div>\n",
        render_legend(&stacks.parts),
        escape_html(title),
        escape_html(&describe_stacks(stacks))
    ))
}

/// Describes the drawing: what is counted, and the sum of each bar.
fn describe_stacks(stacks: &Stacks) -> String {
    let bar = |bar: &Stack| format!("{} {}", bar.name, format_thousands(bar.sum_parts()));
    let bars: Vec<String> = stacks.bars.iter().map(bar).collect();
    format!("{} of {}: {}.", count_nouns(bars.len(), "bar"), stacks.unit, bars.join(", "))
}

/// Renders the names of the parts.
fn render_legend(parts: &[String]) -> String {
    let item = |(letter, name): (char, &String)| {
        format!("<li><i class=\"series-{letter}\"></i>{}</li>", escape_html(name))
    };
    let items: String = ('a'..).zip(parts).map(item).collect();
    format!("<ul class=\"legend\">{items}</ul>\n")
}

/// Draws the axes and the bars, which have names in place of the x axis.
fn draw_stacks(stacks: &Stacks, svg: &mut String) -> Result<()> {
    let highest = stacks.bars.iter().map(Stack::sum_parts).max().unwrap_or_default().max(1);
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let x_axis = 0.0..stacks.bars.len() as f64;
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
        .y_desc(stacks.unit)
        .x_label_formatter(&|_| String::new())
        .y_label_formatter(&format_tick)
        .draw()?;

    for (index, bar) in stacks.bars.iter().enumerate() {
        let place = index as f64;
        let (left, right) = (place + GAP, place + 1.0 - GAP);
        let mut bottom = 0.0;
        for (units, color) in bar.parts.iter().zip(COLORS) {
            let top = bottom + *units as f64;
            chart.draw_series([Rectangle::new([(left, top), (right, bottom)], color.filled())])?;
            bottom = top;
        }

        let below = text.pos(Pos::new(HPos::Center, VPos::Top));
        let name = Text::new(bar.name.clone(), (0, 8), below);
        chart.draw_series([EmptyElement::at((place + 0.5, 0.0)) + name])?;
        let above = text.pos(Pos::new(HPos::Center, VPos::Bottom));
        let total = Text::new(format_thousands(bar.sum_parts()), (0, -5), above);
        chart.draw_series([EmptyElement::at((place + 0.5, bottom)) + total])?;
    }
    root.present()?;
    Ok(())
}

fn format_tick(units: &f64) -> String {
    format_thousands(*units as u64)
}

//! The colors of drawings that [`plotters`] makes. Each is replaced by a variable of the style
//! sheet, which follow the light or dark scheme of the reader.

use plotters::style::RGBColor;

/// The most parts of a bar: the style sheet has so many colors.
pub const MAX_PARTS: usize = 5;

/// The color of texts and axes.
pub const INK: RGBColor = RGBColor(0, 0, 1);
/// The color of the grid.
pub const GRID: RGBColor = RGBColor(0, 0, 2);
/// The colors of the parts.
pub const COLORS: [RGBColor; MAX_PARTS] =
    [RGBColor(0, 1, 1), RGBColor(0, 1, 2), RGBColor(0, 1, 3), RGBColor(0, 1, 4), RGBColor(0, 1, 5)];
/// The variables of the style sheet in the place of these colors.
const VARIABLES: [(&str, &str); 7] = [
    ("\"#000001\"", "\"var(--ink)\""),
    ("\"#000002\"", "\"var(--line)\""),
    ("\"#000101\"", "\"var(--series-a)\""),
    ("\"#000102\"", "\"var(--series-b)\""),
    ("\"#000103\"", "\"var(--series-c)\""),
    ("\"#000104\"", "\"var(--series-d)\""),
    ("\"#000105\"", "\"var(--series-e)\""),
];

/// Replaces the colors in a drawing by the variables of the style sheet.
pub fn replace_colors(svg: &str) -> String {
    let replace = |svg: String, (color, variable): (&str, &str)| svg.replace(color, variable);
    VARIABLES.into_iter().fold(svg.to_owned(), replace)
}

//! Rows of the page's tables.

use nosana_bench::{format::format_thousands, html::elements::TableRow};

/// Returns the row with this name.
pub fn table_row(name: &str, cells: impl IntoIterator<Item = String>) -> TableRow {
    let cells = std::iter::once(name.to_owned()).chain(cells).collect();
    TableRow { title: String::new(), cells }
}

/// Formats a number without decimals.
pub fn format_whole(number: f64) -> String {
    format_thousands(number as u64)
}

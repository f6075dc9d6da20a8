//! A table of the page, as HTML.

use crate::html::elements::{self, TableRow};

/// A table: the first column names the rows.
#[derive(Clone, Debug, Default)]
pub struct SummaryTable {
    /// What it shows.
    pub caption: String,
    /// The names of the columns.
    pub heading: Vec<String>,
    /// The columns with text.
    pub text_columns: Vec<usize>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

impl SummaryTable {
    /// Creates a table whose columns have numbers.
    pub fn new(caption: &str, heading: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            caption: caption.to_owned(),
            heading: heading.iter().map(|name| (*name).to_owned()).collect(),
            text_columns: Vec::new(),
            rows,
        }
    }

    /// Returns the table with text in these columns.
    pub fn with_text(self, text_columns: &[usize]) -> Self {
        Self { text_columns: text_columns.to_vec(), ..self }
    }

    /// Renders the table.
    pub fn render_html(&self) -> String {
        let heading: Vec<&str> = self.heading.iter().map(String::as_str).collect();
        let row = |cells: &Vec<String>| TableRow { title: String::new(), cells: cells.clone() };
        let rows: Vec<TableRow> = self.rows.iter().map(row).collect();

        elements::render_table(&self.caption, &heading, &self.text_columns, &rows)
    }
}

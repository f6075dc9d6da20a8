//! Files of the repository, and tables of Markdown.

use std::{fs, path::PathBuf};

/// Reads a file of the repository.
pub fn read(path: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns the cells of a table's row.
pub fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(str::trim).collect()
}

/// Returns the rows of the tables in the section with this title.
pub fn section<'a>(document: &'a str, title: &str) -> Vec<Vec<&'a str>> {
    let start = document
        .find(&format!("\n## {title}\n"))
        .unwrap_or_else(|| panic!("the document has no section {title}"));
    let body = &document[start + title.len() + 5..];
    let body = &body[..body.find("\n## ").unwrap_or(body.len())];
    body.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

/// Parses a number of any type.
pub fn parse_number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is not a number"))
}

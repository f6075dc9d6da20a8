//! Figures of a set of files: blank lines inside functions, one-word function names, long lines,
//! `unwrap` and `expect`.

use super::source::{SourceFile, closes_item, indentation_of};

/// The longest line of code, in columns. rustfmt does not break strings and macros.
const MAX_COLUMNS: usize = 100;

/// Calls that can panic. Split, so that this file does not match itself.
const PANICS: [&str; 2] = [concat!(".unwrap", "()"), concat!(".expect", "(")];

/// What was counted.
#[derive(Default)]
pub struct Figures {
    files: usize,
    code_lines: usize,
    functions: usize,
    one_word: usize,
    body_lines: usize,
    blank_lines: usize,
    /// Lines that are too long or can panic, as sentences with their places.
    pub offenses: Vec<String>,
}

impl Figures {
    /// The table's head.
    pub const HEADER: &'static str =
        "crate                        files   code  functions  one-word %  blank %";

    /// Counts over all files.
    pub fn measure(files: &[&SourceFile]) -> Self {
        let mut figures = Self { files: files.len(), ..Self::default() };
        for file in files {
            figures.add_file(file);
        }
        figures
    }

    /// The table's row.
    pub fn row(&self, name: &str) -> String {
        format!(
            "{name:28} {:5} {:6} {:10} {:11.1} {:8.1}",
            self.files,
            self.code_lines,
            self.functions,
            self.one_word_percent(),
            self.blank_percent()
        )
    }

    /// One-word names among all function names.
    pub fn one_word_percent(&self) -> f64 {
        percent(self.one_word, self.functions)
    }

    /// Blank lines among all lines inside functions.
    pub fn blank_percent(&self) -> f64 {
        percent(self.blank_lines, self.body_lines)
    }

    fn add_file(&mut self, file: &SourceFile) {
        // The indentations of the functions that the line is inside of.
        let mut open: Vec<usize> = Vec::new();

        for (number, line) in &file.lines {
            if open.last().is_some_and(|indentation| closes_item(line, *indentation)) {
                open.pop();
                self.count_code(file, *number, line);
                continue;
            }
            if !open.is_empty() {
                self.body_lines += 1;
                self.blank_lines += usize::from(line.trim().is_empty());
            }
            self.count_code(file, *number, line);
            if let Some(name) = function_name(line) {
                self.functions += 1;
                self.one_word += usize::from(!name.trim_matches('_').contains('_'));
                if !line.ends_with(['}', ';']) {
                    open.push(indentation_of(line));
                }
            }
        }
    }

    fn count_code(&mut self, file: &SourceFile, number: usize, line: &str) {
        let code = line.trim_start();
        if code.is_empty() || code.starts_with("//") {
            return;
        }
        self.code_lines += 1;

        let place = format!("{}:{number}", file.path);
        if line.chars().count() > MAX_COLUMNS {
            self.offenses.push(format!("{place}: longer than {MAX_COLUMNS} columns"));
        }
        if PANICS.iter().any(|call| code.contains(call)) {
            self.offenses.push(format!("{place}: can panic; return an error"));
        }
    }
}

/// The name of the function that begins on this line.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.trim_start();
    for qualifier in ["pub ", "default ", "const ", "async ", "unsafe ", "extern \"C\" "] {
        if let Some(rest) = words.strip_prefix("pub(") {
            words = rest.split_once(") ")?.1;
        }
        words = words.strip_prefix(qualifier).unwrap_or(words);
    }

    let name = words.strip_prefix("fn ")?;
    let end = name.find(|each: char| !each.is_alphanumeric() && each != '_')?;
    name.get(..end)
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_names_and_paragraphs_are_counted() {
        let text = [
            "pub(crate) const fn one(a: u8) -> u8 {",
            "    let b = a;",
            "",
            concat!("    b.checked_add(1)", ".unwrap()"),
            "}",
            "fn two_words() {}",
        ];
        let lines = text.iter().enumerate().map(|(i, line)| (i + 1, (*line).to_owned())).collect();
        let file = SourceFile { path: "a.rs".into(), package: "a".into(), lines };

        let figures = Figures::measure(&[&file]);

        assert_eq!((figures.functions, figures.one_word), (2, 1));
        assert_eq!((figures.body_lines, figures.blank_lines), (3, 1));
        assert_eq!(figures.offenses, ["a.rs:4: can panic; return an error"]);
        assert_eq!(function_name("    pub async fn read<T>(&self) {"), Some("read"));
        assert_eq!(function_name("let fn_name = 1;"), None);
    }
}

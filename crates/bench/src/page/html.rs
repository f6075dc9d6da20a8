//! Pieces of HTML.

use std::fmt::Write;

/// Text as it may stand between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A row of a table: what it says when somebody points at it, and its cells.
pub struct Row {
    pub title: String,
    pub cells: Vec<String>,
}

/// A table that scrolls where it is wider than the page. The first column names the rows; `text`
/// columns are set to the left, the others to the right.
pub fn table(caption: &str, heading: &[&str], text: &[usize], rows: &[Row]) -> String {
    let class = |column: usize| if text.contains(&column) { " class=\"text\"" } else { "" };
    let mut out =
        format!("<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>", escape(caption));
    for (column, cell) in heading.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column), escape(cell));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        let title = if row.title.is_empty() {
            String::new()
        } else {
            format!(" title=\"{}\"", escape(&row.title))
        };
        let _ = write!(out, "<tr{title}>");
        for (column, cell) in row.cells.iter().enumerate() {
            let _ = match column {
                0 => write!(out, "<th scope=\"row\">{}</th>", escape(cell)),
                _ => write!(out, "<td{}>{}</td>", class(column), escape(cell)),
            };
        }
        out.push_str("</tr>\n");
    }
    out + "</tbody>\n</table></div>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(
            escape("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
        );
        let row =
            Row { title: "\"><script>".to_owned(), cells: vec!["<b>".to_owned(), "1".to_owned()] };
        let html = table("a & b", &["x", "y"], &[1], &[row]);
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("<td class=\"text\">1</td>") && html.contains("a &amp; b"), "{html}");
    }
}

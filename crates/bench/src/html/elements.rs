//! HTML elements.

use std::fmt::Write;

/// Escapes text for use between tags and in quoted attributes.
pub fn escape_html(text: &str) -> String {
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

/// Renders the start of a drawing of this width and height, with its name and a description for
/// those who cannot see it.
pub fn open_svg(label: &str, description: &str, [width, height]: [u64; 2]) -> String {
    format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{}\">\n<desc>{}</desc>\n",
        escape_html(label),
        escape_html(description)
    )
}

/// Returns a quantity and its noun: `1 group`, `2 groups`.
pub fn count_nouns(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// A row of a table: its cells, and the tooltip that pointing at it shows.
pub struct TableRow {
    pub title: String,
    pub cells: Vec<String>,
}

/// Renders a table that scrolls if it is wider than the page. The first column names the rows;
/// `text` columns are aligned left, the others right. An empty caption is left out.
pub fn render_table(caption: &str, heading: &[&str], text: &[usize], rows: &[TableRow]) -> String {
    let class = |column: usize| if text.contains(&column) { " class=\"text\"" } else { "" };

    let caption = if caption.is_empty() {
        String::new()
    } else {
        format!("<caption>{}</caption>\n", escape_html(caption))
    };
    let mut out = format!("<div class=\"wide\"><table>\n{caption}<thead><tr>");
    for (column, cell) in heading.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column), escape_html(cell));
    }
    out.push_str("</tr></thead>\n<tbody>\n");

    for row in rows {
        let title = if row.title.is_empty() {
            String::new()
        } else {
            format!(" title=\"{}\"", escape_html(&row.title))
        };
        let _ = write!(out, "<tr{title}>");

        for (column, cell) in row.cells.iter().enumerate() {
            let _ = match column {
                0 => write!(out, "<th scope=\"row\">{}</th>", escape_html(cell)),
                _ => write!(out, "<td{}>{}</td>", class(column), escape_html(cell)),
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
    fn text_cannot_break_out_of_its_element() {
        assert_eq!(
            escape_html("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
        );
        let row = TableRow {
            title: "\"><script>".to_owned(),
            cells: vec!["<b>".to_owned(), "1".to_owned()],
        };
        let html = render_table("a & b", &["x", "y"], &[1], &[row]);
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("<td class=\"text\">1</td>"), "{html}");
        assert!(html.contains("<caption>a &amp; b</caption>"), "{html}");
        assert!(!render_table("", &["x"], &[], &[]).contains("caption"));

        let svg = open_svg("\"a\"", "<b>", [10, 20]);
        assert!(svg.contains("aria-label=\"&quot;a&quot;\""), "{svg}");
        assert!(svg.contains("<desc>&lt;b&gt;</desc>") && svg.contains("0 0 10 20"), "{svg}");
    }
}

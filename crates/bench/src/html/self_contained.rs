//! Whether a page is one file: it loads nothing, and runs nothing.

use anyhow::{Result, ensure};

/// What such a page does not have: scripts, and references to other files. `NaN` is here because a
/// drawing without a length is as broken.
const ABSENT: [&str; 8] =
    ["<script", "http:", "https:", "<link", " src=", "@import", "url(", "NaN"];

/// Checks that a page is self-contained, and that its drawings have all of their numbers.
///
/// # Errors
/// If the page has a script, a reference to another file, or `NaN`.
pub fn check_self_contained(page: &str) -> Result<()> {
    let found: Vec<&str> = ABSENT.into_iter().filter(|absent| page.contains(*absent)).collect();

    ensure!(found.is_empty(), "the page is not self-contained; it has `{}`", found.join("`, `"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::render_document;

    #[test]
    fn each_way_to_load_something_is_found() {
        check_self_contained(&render_document("A title", "<p>a <b>text</b></p>")).unwrap();

        for (body, named) in [
            ("<script>alert(1)</script>", "`<script`"),
            ("<a href=\"http://example.com\">a</a>", "`http:`"),
            ("<a href=\"https://example.com\">a</a>", "`https:`"),
            ("<link rel=\"stylesheet\" href=\"a.css\">", "`<link`"),
            ("<img src=\"a.png\">", "` src=`"),
            ("<style>@import \"a.css\";</style>", "`@import`"),
            ("<style>p { background: url(a.png) }</style>", "`url(`"),
            ("<rect width=\"NaN\"/>", "`NaN`"),
        ] {
            let error =
                check_self_contained(&render_document("A title", body)).unwrap_err().to_string();
            assert!(error.ends_with(&format!("it has {named}")), "{body}: {error}");
        }
    }
}

//! The page: one file without scripts, light or dark as the reader's system is.

use std::time::Duration;

use super::{
    Summary,
    judge::HEADING,
    measured::{Section, State},
    table::SummaryTable,
};
use crate::html::{elements::escape_html, render_document, render_section, tables::render_facts};

const TITLE: &str = "Nosana benchmarks";
const LEAD: &str = "What the programs cost and how fast this software is, measured on one machine \
                    by `cargo xtask bench`.";

/// Renders the page.
pub fn render_page(summary: &Summary) -> String {
    let mut parts = vec![render_header(summary)];
    parts.push(render_section(
        "Summary",
        "The most important figures of each benchmark.",
        &summary.list_headlines().render_html(),
    ));
    parts.push(render_section(
        "Changes",
        "Figures that differ from bench/baseline.json. One that is the same in every run is worse \
         if it rose, is new or was not measured. Timings depend on the machine, and floors are a \
         scale: they never fail a comparison.",
        &render_changes(summary),
    ));

    parts.extend(summary.sections.iter().map(render_source));
    parts.push(render_section(
        "Setting",
        "The machine and the checkout when this page was made.",
        &render_facts(&summary.environment.list_facts()),
    ));
    render_document(TITLE, &parts.join("\n"))
}

fn render_header(summary: &Summary) -> String {
    let worse = summary.comparison.list_worse().len();
    let verdict = match worse {
        0 if !summary.comparison.has_figures => String::new(),
        0 => "<p class=\"verdict good\">✔ No deterministic figure is worse</p>".to_owned(),
        1 => "<p class=\"verdict bad\">✘ 1 deterministic figure is worse</p>".to_owned(),
        _ => format!("<p class=\"verdict bad\">✘ {worse} deterministic figures are worse</p>"),
    };

    format!("<header>\n<h1>{TITLE}</h1>\n<p>{}</p>\n{verdict}\n</header>", escape_html(LEAD))
}

fn render_changes(summary: &Summary) -> String {
    let rows = summary.comparison.list_rows();
    let mut body = String::new();
    if rows.is_empty() || !summary.comparison.has_figures {
        body += &format!("<p>{}.</p>\n", escape_html(summary.comparison.describe_no_change()));
    }
    if !rows.is_empty() {
        body += &SummaryTable::new("", &HEADING, rows).with_text(&[1, 2]).render_html();
    }

    let note = |note: &String| format!("<p>{}</p>\n", escape_html(note));
    summary.comparison.notes.iter().map(note).fold(body, |body, note| body + &note)
}

/// Renders the section of a benchmark.
fn render_source(section: &Section) -> String {
    let source = section.source;
    let (age, body) = match &section.state {
        State::Missing => (None, format!("<p>Not measured: {}</p>", describe_command(section))),
        State::Invalid(error) => {
            let error = escape_html(error);
            (None, format!("<p>Cannot be shown: {error}; {}</p>", describe_command(section)))
        }
        State::Measured { content, age } => {
            let tables: String = content.tables.iter().map(SummaryTable::render_html).collect();
            (*age, content.drawings.clone() + &tables)
        }
    };

    let age = age.map_or_else(String::new, |age| format!(" Measured {}.", describe_age(age)));
    render_section(source.title, &format!("{}{age}", source.about), &body)
}

/// Returns which command writes the file of a section.
fn describe_command(section: &Section) -> String {
    let source = section.source;
    format!(
        "<code>cargo xtask bench --only {}</code> writes <code>target/{}</code>.",
        source.name, source.file
    )
}

/// Describes the time between a measurement and the page.
fn describe_age(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let (count, unit) = match minutes {
        0 => return "less than a minute before this page was made".to_owned(),
        1..=119 => (minutes, "minute"),
        120..=2_879 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };

    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} before this page was made")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        for (seconds, text) in [
            (59, "less than a minute"),
            (60, "1 minute before"),
            (7_100, "118 minutes before"),
            (7_200, "2 hours before"),
            (200_000, "2 days before"),
        ] {
            let age = describe_age(Duration::from_secs(seconds));
            assert!(age.starts_with(text), "{seconds}: {age}");
        }
    }
}

//! Wording: turns that `xtask/wording.txt` refuses, in comments, strings and Markdown.

use std::fs;

use anyhow::{Context, Result, bail};
use regex::{Regex, RegexBuilder};

use super::source::tracked_files;
use crate::layout;

/// The list of refused turns.
const LIST: &str = "xtask/wording.txt";
/// Files that quote refused turns.
const EXEMPT: &[&str] = &["STYLE.md", "CHANGELOG.md", "xtask/src/style/wording.rs"];
/// The most matches that are printed.
const SHOWN: usize = 40;

/// One refused turn.
struct Turn {
    pattern: Regex,
    advice: String,
}

/// Fails if a comment, a string or a Markdown file holds a refused turn.
pub fn check_wording() -> Result<()> {
    let text = fs::read_to_string(layout::root_folder().join(LIST))
        .with_context(|| format!("cannot read {LIST}"))?;
    let (turns, allowed) = parse_list(&text)?;
    let mut matches = Vec::new();

    for path in tracked_files(&[".rs", ".md", ".ts", ".py"])? {
        if EXEMPT.contains(&path.as_str()) {
            continue;
        }
        let text = fs::read_to_string(layout::root_folder().join(&path))
            .with_context(|| format!("cannot read {path}"))?;
        for (index, line) in text.lines().enumerate() {
            let prose = if path.ends_with(".md") { line.to_owned() } else { prose_of(line) };
            for (turn, found) in find_turns(&prose, &turns, &allowed) {
                matches.push(format!("{path}:{}: `{found}`: {}", index + 1, turn.advice));
            }
        }
    }

    if !matches.is_empty() {
        let shown = matches.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        bail!("{} refused turns of wording ({LIST}):\n{shown}", matches.len());
    }
    Ok(())
}

/// Reads `pattern => advice` and `allow pattern` lines.
fn parse_list(text: &str) -> Result<(Vec<Turn>, Vec<Regex>)> {
    let mut turns = Vec::new();
    let mut allowed = Vec::new();
    let compile = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).build();

    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(pattern) = line.strip_prefix("allow ") {
            allowed.push(compile(pattern)?);
            continue;
        }
        let (pattern, advice) = line
            .split_once(" => ")
            .with_context(|| format!("{LIST}: `{line}` is not `pattern => advice`"))?;
        turns.push(Turn { pattern: compile(pattern)?, advice: advice.to_owned() });
    }

    Ok((turns, allowed))
}

/// The refused turns in a line of prose, each with its text.
fn find_turns<'a, 'b>(
    prose: &'b str,
    turns: &'a [Turn],
    allowed: &[Regex],
) -> Vec<(&'a Turn, &'b str)> {
    let excused: Vec<_> = allowed.iter().flat_map(|each| each.find_iter(prose)).collect();
    let mut found = Vec::new();

    for turn in turns {
        for each in turn.pattern.find_iter(prose) {
            let overlaps =
                |other: &regex::Match<'_>| other.start() < each.end() && each.start() < other.end();
            if !excused.iter().any(overlaps) {
                found.push((turn, each.as_str()));
            }
        }
    }

    found
}

/// The comment of a line of code, or the strings in it. A line without quotes that is neither is
/// code, or the inside of a string that spans lines, which ends with a backslash or a quote.
fn prose_of(line: &str) -> String {
    let code = line.trim_start();
    if code.starts_with("//") || code.starts_with("# ") || code.ends_with('\\') {
        return code.to_owned();
    }
    let code = code.replace(r#"""""#, "\"");
    let strings = code.split('"').skip(1).step_by(2);
    strings.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "allow \\bis no longer\\b\n# a comment\n\\bis no [a-z]+ => is not a\n";

    fn found(line: &str) -> Vec<String> {
        let (turns, allowed) = parse_list(LIST).unwrap();
        let prose = prose_of(line);
        find_turns(&prose, &turns, &allowed).iter().map(|(_, text)| (*text).to_owned()).collect()
    }

    #[test]
    fn comments_and_strings_are_searched_and_code_is_not() {
        assert_eq!(found("    // It is no address."), ["is no address"]);
        assert_eq!(found("bail!(\"this is no key\");"), ["is no key"]);
        assert_eq!(found("let is_no = is no key;"), Vec::<String>::new());
        assert_eq!(found("/// It is no longer there."), Vec::<String>::new());
    }
}

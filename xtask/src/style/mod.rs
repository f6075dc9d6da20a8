//! `cargo xtask style`: the figures of `STYLE.md`, measured, and held to their bounds.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`source`] | the Rust files of the repository, and their production code |
//! | [`figures`] | blank lines, one-word names, long lines, panics |
//! | [`circles`] | circles of imports between the files of a crate |
//! | [`layers`] | which crate may depend on which |
//! | [`wording`] | turns that `wording.txt` refuses |
//! | [`spelling`] | `typos`, with `_typos.toml` |

mod circles;
mod figures;
mod layers;
mod source;
mod spelling;
mod wording;

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use figures::Figures;
use source::SourceFile;

pub use spelling::check_spelling;
pub use wording::check_wording;

/// The least share of blank lines inside functions, in percent.
const MIN_BLANK_PERCENT: f64 = 4.0;
/// The largest share of one-word function names, in percent.
const MAX_ONE_WORD_PERCENT: f64 = 35.0;

/// Prints the figures of every crate and fails where a group misses a bound.
pub fn check_figures() -> Result<()> {
    let files = source::production_files()?;
    let mut problems = Vec::new();

    println!("{}", Figures::HEADER);
    for (name, members) in by_crate(&files) {
        println!("{}", Figures::measure(&members).row(name));
    }
    println!();
    for (name, members) in by_group(&files) {
        let figures = Figures::measure(&members);
        println!("{}", figures.row(name));
        problems.extend(misses(name, &figures));
    }

    for circle in circles::find_circles(&files) {
        problems.push(format!("files import each other in a circle: {}", circle.join(", ")));
    }

    layers::check_layers()?;
    if !problems.is_empty() {
        bail!("{}\nSTYLE.md explains the bounds", problems.join("\n"));
    }
    println!("\nno circle of imports; every bound of STYLE.md holds");
    Ok(())
}

/// The files of each crate.
fn by_crate(files: &[SourceFile]) -> BTreeMap<&str, Vec<&SourceFile>> {
    let mut crates: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in files {
        crates.entry(&file.package).or_default().push(file);
    }
    crates
}

/// The files of the programs, of the rules, and of everything off the chain. The bounds apply to
/// each group.
fn by_group(files: &[SourceFile]) -> BTreeMap<&str, Vec<&SourceFile>> {
    let mut groups: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in files {
        let group = match file.package.as_str() {
            "crates/protocol" => "= protocol",
            package if package.starts_with("programs/") => "= programs",
            _ => "= off the chain",
        };
        groups.entry(group).or_default().push(file);
    }
    groups
}

/// The bounds that `figures` misses, as sentences.
fn misses(name: &str, figures: &Figures) -> Vec<String> {
    let mut misses = Vec::new();
    let name = name.trim_start_matches("= ");

    if figures.blank_percent() < MIN_BLANK_PERCENT {
        misses.push(format!(
            "{name}: {:.1} % of the lines inside functions are blank, fewer than \
             {MIN_BLANK_PERCENT} %: separate the steps",
            figures.blank_percent()
        ));
    }
    if figures.one_word_percent() > MAX_ONE_WORD_PERCENT {
        misses.push(format!(
            "{name}: {:.1} % of the function names are one word, more than \
             {MAX_ONE_WORD_PERCENT} %",
            figures.one_word_percent()
        ));
    }
    misses.extend(figures.offenses.iter().cloned());

    misses
}

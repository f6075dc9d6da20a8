//! Writes what was measured into the baseline.

use anyhow::{Result, ensure};

use super::{
    baseline::{Baseline, Figures},
    content::Content,
    measured::Section,
};

/// Returns the baseline with what these benchmarks measured in place of what it had; with what all
/// measured if there are none. Benchmarks that were not measured keep their figures, and their
/// timings if those are of this machine.
///
/// # Errors
/// If the baseline would have figures of two compilers.
pub fn update_baseline(
    baseline: &Baseline,
    sections: &[Section],
    machine: &str,
    only: &[String],
) -> Result<Baseline> {
    let mut updated = baseline.clone();
    let chosen: Vec<(&'static str, &Content)> = sections
        .iter()
        .filter(|section| section.is_among(only))
        .filter_map(|section| Some((section.source.name, section.content()?)))
        .collect();

    replace_figures(&mut updated, chosen.iter().map(|(_, content)| *content))?;
    for (name, content) in chosen.into_iter().filter(|(_, content)| !content.timings.is_empty()) {
        if updated.machine != machine {
            updated.timings.clear();
            machine.clone_into(&mut updated.machine);
        }
        updated.timings.insert(name.to_owned(), content.timings.clone());
    }
    Ok(updated)
}

/// Replaces the deterministic figures by those of these benchmarks.
fn replace_figures<'a>(
    updated: &mut Baseline,
    contents: impl Iterator<Item = &'a Content>,
) -> Result<()> {
    let (mut figures, mut blocks) = (Figures::new(), Figures::new());
    let mut compiler: Option<&str> = None;

    for content in contents.filter(|content| content.has_figures()) {
        let of_content = content.name_compiler();
        let other = compiler.replace(of_content).filter(|other| *other != of_content);
        ensure!(
            other.is_none(),
            "the benchmarks measured programs of two compilers, `{of_content}` and `{}`; measure \
             them again together",
            other.unwrap_or_default()
        );
        figures.extend(content.figures.clone());
        blocks.extend(content.blocks.clone());
    }

    match compiler {
        None => Ok(()),
        Some(compiler) => updated.replace_tables(compiler, &figures, &blocks),
    }
}

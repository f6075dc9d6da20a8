//! Whether the comparison with the baseline fails.

use anyhow::{Result, ensure};

use super::{
    Summary,
    measured::{Section, State},
};

impl Summary {
    /// Returns the deterministic figures that are worse than the baseline's, as sentences.
    pub fn list_worse(&self) -> Vec<String> {
        self.comparison.list_worse().iter().map(ToString::to_string).collect()
    }

    /// Fails if the comparison does. Figures of another compiler are not comparable, which
    /// [`Summary::render_changes`] says: that is not a failure.
    ///
    /// # Errors
    /// If a deterministic figure rose, is new or was not measured, if a file is invalid, or missing
    /// although its benchmark was named, or if no deterministic figure was compared.
    pub fn check_comparison(&self) -> Result<()> {
        check_files(&self.sections, &self.only)?;

        let worse = self.list_worse();
        ensure!(
            worse.is_empty(),
            "{} deterministic figures are worse than in bench/baseline.json:\n  {}\n\
             make them cheaper, or say why in the commit and write the baseline: \
             NOSANA_WRITE_BASELINE=1 cargo xtask bench",
            worse.len(),
            worse.join("\n  ")
        );

        ensure!(
            self.comparison.has_figures || self.comparison.has_other_compiler,
            "no deterministic figure was compared with bench/baseline.json; only `costs` and \
             `throughput` have such figures: cargo xtask bench --compare --only costs"
        );
        Ok(())
    }
}

/// Fails unless all benchmarks that are compared or written have files that can be read. Files of
/// benchmarks that were not named may be missing.
pub(super) fn check_files(sections: &[Section], only: &[String]) -> Result<()> {
    let chosen = sections.iter().filter(|section| section.is_among(only));
    let unread: Vec<String> =
        chosen.filter_map(|section| describe_unread(section, !only.is_empty())).collect();

    ensure!(
        unread.is_empty(),
        "cannot use these files beside bench/baseline.json; measure again:\n  {}",
        unread.join("\n  ")
    );
    Ok(())
}

/// Returns why the file of a benchmark cannot be used.
fn describe_unread(section: &Section, is_named: bool) -> Option<String> {
    let file = section.source.file;
    match &section.state {
        State::Missing => is_named.then(|| format!("target/{file} is missing")),
        State::Invalid(error) => Some(format!("target/{file} cannot be read: {error}")),
        State::Measured { .. } => None,
    }
}

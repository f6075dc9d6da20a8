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
    /// If a deterministic figure rose, is new or was not measured, if the file of a benchmark that
    /// was named is missing or invalid, or if no deterministic figure was compared.
    pub fn check_comparison(&self) -> Result<()> {
        let is_named = |section: &&Section| !self.only.is_empty() && section.is_among(&self.only);
        let unread: Vec<String> =
            self.sections.iter().filter(is_named).filter_map(describe_unread).collect();
        ensure!(
            unread.is_empty(),
            "cannot compare with bench/baseline.json:\n  {}\n\
             measure again: cargo xtask bench --compare",
            unread.join("\n  ")
        );

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

/// Returns why the file of a benchmark cannot be compared.
fn describe_unread(section: &Section) -> Option<String> {
    let file = section.source.file;
    match &section.state {
        State::Missing => Some(format!("target/{file} is missing")),
        State::Invalid(error) => Some(format!("target/{file} cannot be read: {error}")),
        State::Measured { .. } => None,
    }
}

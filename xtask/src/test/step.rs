//! One step of the test command.

use anyhow::Result;

/// One check.
pub struct Step {
    /// The step's name, as `--only` and `--from` accept it.
    pub name: &'static str,
    /// What the check proves.
    pub about: &'static str,
    /// The commands that include the step.
    pub runs_in: RunsIn,
    /// Whether it runs at the same time as its neighbors of this kind: it waits more than it works,
    /// and shares no files with them.
    pub is_parallel: bool,
    /// The check.
    pub run: fn() -> Result<Outcome>,
}

/// The commands that include a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    /// `cargo xtask check` and `cargo xtask test`.
    Both,
    /// `cargo xtask check` only: another step of the full test covers it.
    Check,
    /// `cargo xtask test` only: it takes minutes.
    Test,
}

/// The outcome of a successful check.
pub enum Outcome {
    /// The check passed.
    Passed,
    /// The check passed, but these of its programs only alone.
    PassedAlone(Vec<String>),
    /// There is nothing to check, for this reason.
    Skipped(&'static str),
}

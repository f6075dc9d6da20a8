//! A row of the README's table.

use serde::{Deserialize, Serialize};

/// What a row shows where nothing is compared.
pub const NOT_COMPARED: &str = "–";

/// A row of the README's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureRow {
    /// What was measured.
    pub what: String,
    /// The figure, with its unit.
    pub figure: String,
    /// The figure of the predecessor or of other software; [`NOT_COMPARED`] if there is none.
    pub predecessor: String,
    /// What measures it: arguments of `cargo xtask`, or a command that the README explains.
    pub command: String,
}

impl FigureRow {
    /// Creates a row that compares nothing.
    pub fn new(what: impl Into<String>, figure: impl Into<String>, command: &str) -> Self {
        Self {
            what: what.into(),
            figure: figure.into(),
            predecessor: NOT_COMPARED.to_owned(),
            command: command.to_owned(),
        }
    }

    /// Returns the row with the figure of the predecessor or of other software.
    pub fn with_predecessor(self, predecessor: impl Into<String>) -> Self {
        Self { predecessor: predecessor.into(), ..self }
    }
}

//! What a benchmark contributes to the page, the text and the comparison.

use std::collections::BTreeMap;

use super::{baseline::Figures, figure_row::FigureRow, table::SummaryTable};

/// What a benchmark measured.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// The most important figures.
    pub headlines: Vec<Headline>,
    /// The drawings, as HTML.
    pub drawings: String,
    /// The tables, below the drawings.
    pub tables: Vec<SummaryTable>,
    /// The compiler of the programs, where the figures depend on it.
    pub compiler: Option<String>,
    /// Figures that [`Baseline::figures`](super::baseline::Baseline::figures) has, too.
    pub figures: Figures,
    /// Figures that [`Baseline::blocks`](super::baseline::Baseline::blocks) has, too.
    pub blocks: Figures,
    /// Timings by their names, which include the unit.
    pub timings: BTreeMap<String, f64>,
    /// The rows of the README's table, of figures that depend on the machine.
    pub rows: Vec<FigureRow>,
    /// Rows of such figures that only a table of the docs has.
    pub details: Vec<FigureRow>,
}

impl Content {
    /// Returns true if it has figures that are the same in every run.
    pub fn has_figures(&self) -> bool {
        !self.figures.is_empty() || !self.blocks.is_empty()
    }

    /// Returns the name of the compiler; `unknown` if there is none.
    pub fn name_compiler(&self) -> &str {
        self.compiler.as_deref().unwrap_or("unknown")
    }

    /// Returns the content without timings that JSON has no number for, such as those of a run that
    /// took no time: a baseline with one could not be read again.
    pub fn with_finite_timings(mut self) -> Self {
        self.timings.retain(|_, timing| timing.is_finite());
        self
    }
}

/// An important figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// What it is.
    pub name: String,
    /// Its value, with the unit.
    pub value: String,
}

impl Headline {
    /// Creates a figure.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

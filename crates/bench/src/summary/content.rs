//! What a benchmark contributes to the page, the text and the comparison.

use std::collections::BTreeMap;

use super::{baseline::Figures, table::SummaryTable};

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

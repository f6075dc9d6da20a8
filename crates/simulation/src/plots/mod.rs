//! What is drawn.

mod lines;

use serde::Serialize;

pub use self::lines::CHECK_COST;
use self::lines::{plot_challenges, plot_cheating, plot_check_rates, plot_escapes, plot_fishermen};
use crate::{coalition::Drawn, config::SimulationConfig, fault::Fault, turnout::Escape};

/// A drawing: lines over one axis.
#[derive(Clone, Debug, Serialize)]
pub struct Plot {
    /// A short name, for links and files.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What a reader concludes.
    pub about: &'static str,
    /// The horizontal axis, with its unit.
    pub x_label: &'static str,
    /// The vertical axis, with its unit.
    pub y_label: &'static str,
    /// Whether the horizontal axis is logarithmic.
    pub is_logarithmic: bool,
    /// The lowest and the highest value of the vertical axis.
    pub y_range: (f64, f64),
    /// The line between the two sides of the claim, and its name.
    pub threshold: (&'static str, f64),
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a drawing.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its name, in the legend.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Returns all drawings.
///
/// # Errors
/// If a rule fails.
pub fn list_plots(
    config: &SimulationConfig,
    drawn: &[Drawn],
    escapes: &[Escape],
) -> Result<Vec<Plot>, Fault> {
    Ok(vec![
        plot_check_rates(drawn)?,
        plot_cheating(config, drawn)?,
        plot_challenges(config, drawn)?,
        plot_escapes(escapes),
        plot_fishermen(config, drawn)?,
    ])
}

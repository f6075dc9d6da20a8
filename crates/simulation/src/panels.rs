//! How often each composition of a panel was drawn, and what that says about averages.

use fastrand::Rng;
use nosana_protocol::dispute::PANEL_SEATS;
use serde::Serialize;

use crate::{
    fault::Fault,
    population::{Panel, Population, Shares},
};

/// Standard errors that an average must be from zero before the simulation calls its sign. By the
/// normal distribution, one of three million averages is that far off.
pub const CONFIDENCE_ERRORS: f64 = 5.0;

/// How often each panel was drawn.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    counts: [[u32; PANEL_SEATS + 1]; PANEL_SEATS + 1],
    draws: u32,
}

/// An average with its standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The average.
    pub mean: f64,
    /// Its standard error. Zero if it was not drawn, but computed.
    pub error: f64,
}

impl Panels {
    /// Draws this many panels.
    ///
    /// # Errors
    /// If the rules of seats fail.
    pub fn draw(shares: Shares, draws: u32, rng: &mut Rng) -> Result<Self, Fault> {
        let population = Population::with_shares(shares, rng)?;
        let mut panels = Self::default();
        for _ in 0..draws {
            panels.add_panel(population.draw_panel(rng)?);
        }

        Ok(panels)
    }

    /// Counts a panel.
    pub fn add_panel(&mut self, panel: Panel) {
        let row = self.counts.get_mut(panel.honest);
        if let Some(count) = row.and_then(|row| row.get_mut(panel.colluding)) {
            *count += 1;
            self.draws += 1;
        }
    }

    /// Returns the average of a figure that depends on the panel alone.
    ///
    /// # Errors
    /// If the figure of a panel fails.
    pub fn average(
        &self,
        mut figure: impl FnMut(Panel) -> Result<f64, Fault>,
    ) -> Result<Estimate, Fault> {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (honest, row) in self.counts.iter().enumerate() {
            for (colluding, count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
                let value = figure(Panel { honest, colluding })?;
                sum += value * f64::from(*count);
                squares += value * value * f64::from(*count);
            }
        }

        let draws = f64::from(self.draws.max(1));
        let mean = sum / draws;
        let variance = (squares / draws - mean * mean).max(0.0);

        Ok(Estimate { mean, error: (variance / draws).sqrt() })
    }
}

impl Estimate {
    /// A figure that was computed.
    pub const fn exactly(mean: f64) -> Self {
        Self { mean, error: 0.0 }
    }

    /// Returns this estimate times a factor, and with a number added.
    pub fn scaled(self, factor: f64, added: f64) -> Self {
        Self { mean: self.mean * factor + added, error: self.error * factor.abs() }
    }

    /// Returns true if the average is above zero, with confidence.
    pub fn is_gain(self) -> bool {
        self.mean - CONFIDENCE_ERRORS * self.error > f64::EPSILON
    }

    /// Returns true if the average is zero or less, with confidence.
    pub fn is_no_gain(self) -> bool {
        self.mean + CONFIDENCE_ERRORS * self.error <= f64::EPSILON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(colluding: f64, sybils: u64, responding: f64) -> Panels {
        let shares = Shares { colluding, sybils, responding };
        Panels::draw(shares, 4_000, &mut Rng::with_seed(1)).unwrap()
    }

    #[test]
    fn panels_are_drawn_by_weight() {
        // 3 × 0.15² × 0.85 + 0.15³ = 6 % of the panels have a majority of that share.
        let majority = |panel: Panel| Ok(f64::from(u8::from(panel.colluding >= 2)));
        let share = draw(0.15, 10, 1.0).average(majority).unwrap();
        assert!((0.045..0.08).contains(&share.mean), "{share:?}");
        assert_eq!(draw(0.0, 10, 1.0).average(majority).unwrap().mean, 0.0);
        assert_eq!(draw(0.15, 1, 1.0).average(majority).unwrap().mean, 0.0, "one node, one seat");

        // The documentation's table of candidates: 39 % of the draws, where all others stay away.
        let alone = draw(0.15, 10, 0.0).average(majority).unwrap();
        assert!((0.33..0.43).contains(&alone.mean), "{alone:?}");
    }

    #[test]
    fn the_same_seed_draws_the_same_panels() {
        assert_eq!(draw(0.3, 10, 0.5).counts, draw(0.3, 10, 0.5).counts);
        assert_eq!(draw(0.3, 10, 0.5).draws, 4_000);
    }

    #[test]
    fn signs_are_called_with_confidence_alone() {
        let estimate = |mean, error| Estimate { mean, error };
        assert!(estimate(1.0, 0.19).is_gain() && !estimate(1.0, 0.21).is_gain());
        assert!(estimate(-1.0, 0.19).is_no_gain() && !estimate(-1.0, 0.21).is_no_gain());
        assert!(Estimate::exactly(0.0).is_no_gain() && !Estimate::exactly(0.0).is_gain());

        let mut panels = Panels::default();
        for colluding in [0, 0, 0, 2] {
            panels.add_panel(Panel { honest: 1, colluding });
        }
        let average = panels.average(|panel| Ok(panel.colluding as f64)).unwrap();
        assert_eq!(average.mean, 0.5);
        assert!((average.error - (0.75_f64 / 4.0).sqrt()).abs() < 1e-12);
    }
}

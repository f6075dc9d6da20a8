//! A strategy of a coalition, against honest play.

use nosana_protocol::units::BasisPoints;

use super::{response::Deed, wealth::Coalition};
use crate::{
    config::{SPLITTINGS, Splitting},
    fault::Fault,
    listing::Listing,
    panels::{Estimate, Panels},
};

/// A strategy that honest play is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Who takes part.
    pub(super) coalition: Coalition,
    /// What the node of the result has done.
    pub(super) deed: Deed,
    /// When there is a dispute, and what honest play would have been.
    pub(super) occasion: Occasion,
    /// Returns the most that it gains with a panel fee and protected shares of colluders, in
    /// prices, as the documentation says. `None` if it must not pay.
    pub known_gain: Option<fn(BasisPoints) -> f64>,
}

/// When there is a dispute, and what honest play would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// An honest client checks the result, and disputes it. An honest node would have worked, at
    /// the cost of its whole pay.
    Check,
    /// Always; an honest node would have worked, at the cost of its whole pay.
    OwnChallenge,
    /// Always; there would have been no dispute.
    Challenge,
    /// As [`Self::Challenge`], and honest nodes cannot read the job, so they take no seats.
    Withheld,
    /// Always; there would have been no job.
    OwnJob,
    /// A stranger disputes; the panelists would have voted honestly.
    Strange,
}

/// The panels that were drawn with some share of colluders.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// How they split their weight.
    pub splitting: Splitting,
    /// The colluders' share of the weight.
    pub colluding: f64,
    /// Panels where everybody responds.
    pub panels: Panels,
    /// Panels where the colluders alone can read the job.
    pub withheld: Panels,
}

impl Drawn {
    /// Returns true if strategies must not pay with so many colluders.
    pub fn is_protected(&self) -> bool {
        self.splitting.protected.contains(&self.colluding)
    }
}

impl Deviation {
    /// Returns the gain over honest play: as a part of the job's price, for each job of the node, or
    /// for each dispute.
    ///
    /// # Errors
    /// If a rule fails.
    pub fn gain(&self, listing: &Listing, drawn: &Drawn) -> Result<Estimate, Fault> {
        let undisputed = self.coalition.undisputed_wealth(listing);
        let panels = match self.occasion {
            Occasion::Withheld => &drawn.withheld,
            _ => &drawn.panels,
        };
        let by_dispute = panels.average(|panel| {
            let best = self.coalition.best_wealth(listing, self.deed, panel)?;
            let honest = match self.occasion {
                Occasion::OwnJob => 0.0,
                Occasion::Strange => self.coalition.honest_wealth(listing, self.deed, panel)?,
                _ => undisputed,
            };
            Ok(listing.part_of_price(best - honest))
        })?;

        // The work of an honest node costs it all of its pay, which is the price.
        Ok(match self.occasion {
            Occasion::Check => by_dispute.scaled(listing.check_rate, 1.0),
            Occasion::OwnChallenge => by_dispute.scaled(1.0, 1.0),
            _ => by_dispute,
        })
    }

    /// Returns the share of colluders from which the strategy pays, between those that were drawn,
    /// for each of [`SPLITTINGS`].
    ///
    /// # Errors
    /// If a rule fails.
    pub fn find_shares(
        &self,
        listing: &Listing,
        drawn: &[Drawn],
    ) -> Result<[Option<f64>; 2], Fault> {
        let [many, two] = SPLITTINGS;

        Ok([self.find_share(listing, drawn, many)?, self.find_share(listing, drawn, two)?])
    }

    fn find_share(
        &self,
        listing: &Listing,
        drawn: &[Drawn],
        splitting: Splitting,
    ) -> Result<Option<f64>, Fault> {
        let mut before: Option<(f64, f64)> = None;
        for drawn in drawn.iter().filter(|drawn| drawn.splitting == splitting) {
            let gain = self.gain(listing, drawn)?.mean;
            if gain > 0.0 {
                // Without a loss before, it pays with any share: this is the smallest drawn one.
                let lost = before.filter(|(_, loss)| *loss < 0.0);
                let share = lost.map_or(drawn.colluding, |(share, loss)| {
                    share + (drawn.colluding - share) * loss / (loss - gain)
                });
                return Ok(Some(share));
            }
            before = Some((drawn.colluding, gain));
        }

        Ok(None)
    }
}

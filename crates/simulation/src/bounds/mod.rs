//! Claims that hold whatever is drawn: if two of a panel's seats have honest nodes, no third
//! panelist, no node and no challenger gains by anything that it can do. Each claim is tried in
//! every case.

mod cases;

use serde::Serialize;

use self::cases::{Case, challenger_gain, honest_damage, honest_earnings, list_cases, third_gain};
use crate::{fault::Fault, hearing::Ballot, listing::Listing, sketches::WORK};

/// A claim, and whether it holds in every case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// What must not pay.
    pub name: &'static str,
    /// The most that it can gain.
    pub about: &'static str,
    /// How many cases were tried.
    pub cases: usize,
    /// The largest gain in any case, in panel fees.
    pub most_fees: f64,
    /// The largest gain that the claim allows, in panel fees.
    pub allowed_fees: f64,
}

impl Bound {
    const fn new(name: &'static str, about: &'static str, allowed_fees: f64) -> Self {
        Self { name, about, cases: 0, most_fees: f64::NEG_INFINITY, allowed_fees }
    }

    /// Returns true if no case exceeds what the claim allows.
    pub fn holds(&self) -> bool {
        self.cases > 0 && self.most_fees <= self.allowed_fees
    }

    fn add_case(&mut self, listing: &Listing, gain: f64) {
        self.cases += 1;
        self.most_fees = self.most_fees.max(gain / listing.stakes.panel_fee.0 as f64);
    }
}

/// Tries every claim with these jobs, where `honest` seats of each panel have honest nodes. The
/// claims are made for two.
///
/// # Errors
/// If a rule fails.
pub fn check_bounds(listings: &[Listing], honest: usize) -> Result<Vec<Bound>, Fault> {
    let mut challenge = Bound::new("false challenge", "loses 3 panel fees or more", -3.0);
    let mut cheating = Bound::new(
        "wrong result or false trace",
        "loses pay and collateral: 40 panel fees or more",
        -40.0,
    );
    let mut panelist =
        Bound::new("any other vote of one panelist", "earns no more than the honest vote", 0.0);
    let mut lazy = Bound::new(
        "vote without work",
        "loses 3 panel fees or more, if the node opens its trace",
        -3.0,
    );
    let mut honesty = Bound::new("damage to the honest", "none: nobody gets less than is due", 0.0);

    for listing in listings {
        for case in list_cases(listing, honest)? {
            let Case { deed, opens, ballot, payments } = &case;
            let is_honest = deed.is_honest() && *opens;
            if is_honest {
                challenge.add_case(listing, challenger_gain(listing, payments));
            } else {
                let gain = payments.node.0 as f64 - payments.slash.0 as f64;
                cheating.add_case(listing, gain);
            }

            let earned = third_gain(payments);
            let by_honesty = honest_earnings(listing, *deed, *opens, honest)?;
            panelist.add_case(listing, earned - by_honesty);
            let shows_work = matches!(ballot, Ballot::Cast(_, sketch) if sketch.agrees_with(&WORK));
            if *opens && *ballot != Ballot::Vacant && !shows_work {
                lazy.add_case(listing, earned);
            }
            honesty.add_case(listing, honest_damage(listing, &case, is_honest, honest));
        }
    }

    Ok(vec![challenge, cheating, panelist, lazy, honesty])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::swept_terms;

    fn bounds(honest: usize) -> Vec<Bound> {
        let terms = swept_terms().into_iter();
        let listings: Vec<_> = terms.map(|terms| Listing::with_terms(terms).unwrap()).collect();
        check_bounds(&listings, honest).unwrap()
    }

    #[test]
    fn two_honest_panelists_suffice() {
        for bound in bounds(2) {
            assert!(bound.holds(), "{bound:?}");
            assert!(bound.cases > 100, "{bound:?}");
        }
    }

    #[test]
    fn claims_that_do_not_hold_are_found() {
        let held: Vec<bool> = bounds(1).iter().map(Bound::holds).collect();
        assert_eq!(held, [false, false, true, false, false], "one honest panelist decides nothing");
    }
}

//! What a slash takes, and where it goes.
//!
//! The node pays the whole penalty out of its own stake, as if nobody had delegated to it. Beside
//! that, those who delegated to it lose the same fraction of what they have there, but together
//! never more than what the node itself loses to the reward pool. Both halves matter:
//! - Were the penalty shared, delegation would make faults cheap.
//! - Without the bound, a node could burn a hundred times its own stake of others' by a fault in a
//!   market of its own, and whoever holds a large part of the reward pool, where slashes go, would
//!   gain by it. With it, a node that loses `x` to the pool makes others lose `x` to it at most, so
//!   only who has more than half of all weight could gain.
//!
//! Who proved the fault gets a share of the node's part. A node that proves its own fault gets that
//! share back, and then its delegators lose as much less: the bound above is on what it really
//! pays. Its own bound of one half keeps the rest worth fearing.

use crate::{
    Overflow,
    units::{Amount, BasisPoints},
};

/// The most that whoever proved a fault may get of what the node loses: one half.
pub const MAX_REPORTER_SHARE: BasisPoints = BasisPoints(5_000);

/// What happens to the tokens of a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
    /// Taken from those who delegated, together.
    pub delegated: Amount,
    /// Paid to who proved the fault.
    pub reporter: Amount,
    /// Income of the reward pool: the rest.
    pub pool: Amount,
}

/// Splits a slash of `taken` from a node that has `own` in the vault and `delegated` from others.
///
/// The reporter gets `reporter_share` of `taken`, rounded down. `delegated` loses `⌊delegated ×
/// taken / own⌋`, but at most what the reporter leaves of `taken`. Fails if more is taken than the
/// node has.
pub fn slash(
    taken: Amount,
    own: Amount,
    delegated: Amount,
    reporter_share: BasisPoints,
) -> Result<Slash, Overflow> {
    if taken > own {
        return Err(Overflow);
    }
    // Beyond `own` the bound decides, and the product stays small.
    let exposed = delegated.min(own);
    let fraction = u128::from(exposed.0)
        .checked_mul(taken.0.into())
        .and_then(|product| product.checked_div(u128::from(own.0).max(1)))
        .and_then(|lost| u64::try_from(lost).ok())
        .map(Amount)
        .ok_or(Overflow)?;
    let reporter = taken.share(reporter_share)?;
    let paid = taken.minus(reporter)?;
    let lost = fraction.min(paid);
    Ok(Slash { delegated: lost, reporter, pool: paid.plus(lost)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENTH: BasisPoints = BasisPoints(1_000);

    fn split(taken: u64, own: u64, delegated: u64) -> (u64, u64, u64) {
        let slash = slash(Amount(taken), Amount(own), Amount(delegated), TENTH).unwrap();
        (slash.delegated.0, slash.reporter.0, slash.pool.0)
    }

    #[test]
    fn worked_examples() {
        assert_eq!(split(10, 100, 0), (0, 1, 9), "nobody delegated");
        assert_eq!(split(10, 100, 50), (5, 1, 14), "a tenth of each");
        assert_eq!(
            split(10, 100, 100),
            (9, 1, 18),
            "no more than the node itself pays to the pool"
        );
        assert_eq!(split(10, 100, 1_000_000), (9, 1, 18));
        assert_eq!(split(100, 100, 7), (7, 10, 97), "all of both");
        assert_eq!(split(0, 100, 50), (0, 0, 0));
        assert_eq!(split(0, 0, 50), (0, 0, 0));
        assert_eq!(slash(Amount(2), Amount(1), Amount(9), TENTH), Err(Overflow));
        assert_eq!(
            slash(Amount(1), Amount(u64::MAX), Amount(u64::MAX), TENTH)
                .map(|slash| slash.delegated),
            Ok(Amount(1))
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_bounds_hold(own: u64, part: u64, delegated: u64, share in 0..=5_000_u16) {
            let taken = if own == u64::MAX { part } else { part % (own + 1) };
            // A pool of more than 64 bits is refused; no supply is that large.
            if let Ok(slash) = slash(Amount(taken), Amount(own), Amount(delegated), BasisPoints(share)) {
                let out = u128::from(slash.reporter.0) + u128::from(slash.pool.0);
                prop_assert_eq!(out, u128::from(taken) + u128::from(slash.delegated.0));
                prop_assert!(slash.delegated.0 <= delegated.min(taken - slash.reporter.0));
                // A node with half of the pool's weight at most, and its own reporter, never gains.
                prop_assert!(u128::from(slash.reporter.0) + u128::from(slash.pool.0) / 2 <= u128::from(taken));
                prop_assert!(slash.reporter.0 <= taken / 2);
                prop_assert!(u128::from(slash.delegated.0) * u128::from(own) <= u128::from(delegated) * u128::from(taken));
            } else {
                prop_assert!(u128::from(taken) + u128::from(delegated.min(taken)) > u128::from(u64::MAX));
            }
        }
    }
}

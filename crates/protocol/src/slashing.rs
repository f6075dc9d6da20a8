//! The split of a slash.
//!
//! The node pays the whole penalty from its own stake, as if it had no delegators. In addition, its
//! delegators lose the same fraction of their delegated stake, but together never more than the
//! node itself loses net. Both halves matter:
//! - If the penalty were shared, delegation would make faults cheap.
//! - Without the bound, a node could destroy a hundred times its own stake from its delegators by a
//!   fault in a market of its own. With the bound, a node that loses `x` net makes its delegators
//!   lose at most `x`.
//!
//! The reporter, who proved the fault, gets a share of the node's part. All the rest is burnt: it
//! is nobody's income, so neither the node nor a staker gains by a slash that it causes.
//!
//! A node that reports its own fault gets the reporter's share back, and its delegators lose as
//! much less: the bound above applies to the node's net loss. The reporter's share is at most one
//! half, so a node that slashes itself loses at least half of the penalty, whatever it owns, and
//! gets nothing of the rest back.

use crate::{
    Overflow,
    units::{Amount, BasisPoints},
};

/// The largest share of the node's loss that a reporter may get: one half.
pub const MAX_REPORTER_SHARE: BasisPoints = BasisPoints(5_000);

/// What the reporter gets of the node's loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReporterPart {
    /// A share, rounded down.
    Share(BasisPoints),
    /// An amount, which the caller pays on to those who proved the fault.
    Exactly(Amount),
}

impl ReporterPart {
    /// Returns the part of `taken`. Fails if an exact amount is more than [`MAX_REPORTER_SHARE`].
    fn of_loss(self, taken: Amount) -> Result<Amount, Overflow> {
        match self {
            Self::Share(share) => taken.apply_rate(share),
            Self::Exactly(amount) if amount <= taken.apply_rate(MAX_REPORTER_SHARE)? => Ok(amount),
            Self::Exactly(_) => Err(Overflow),
        }
    }
}

/// The parts of a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
    /// Taken from all delegators together.
    pub delegated: Amount,
    /// Paid to the reporter.
    pub reporter: Amount,
    /// Burnt: the rest.
    pub burned: Amount,
}

/// Splits a slash of `taken` from a node with `own` stake and `delegated` stake of delegators.
///
/// Delegators lose `⌊delegated × taken
/// / own⌋`, but at most `taken` less the reporter's part. Fails if `taken` exceeds `own`, or
/// the reporter's part half of `taken`.
pub fn split_slash(
    taken: Amount,
    own: Amount,
    delegated: Amount,
    reporter_part: ReporterPart,
) -> Result<Slash, Overflow> {
    if taken > own {
        return Err(Overflow);
    }

    // Above `own` the bound applies anyway; the minimum keeps the product small.
    let exposed = delegated.min(own);
    let fraction = u128::from(exposed.0)
        .checked_mul(taken.0.into())
        .and_then(|product| product.checked_div(u128::from(own.0).max(1)))
        .and_then(|lost| u64::try_from(lost).ok())
        .map(Amount)
        .ok_or(Overflow)?;

    let reporter = reporter_part.of_loss(taken)?;
    let paid = taken.checked_sub(reporter)?;
    let lost = fraction.min(paid);

    Ok(Slash { delegated: lost, reporter, burned: paid.checked_add(lost)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENTH: ReporterPart = ReporterPart::Share(BasisPoints(1_000));

    fn split(taken: u64, own: u64, delegated: u64) -> (u64, u64, u64) {
        let slash = split_slash(Amount(taken), Amount(own), Amount(delegated), TENTH).unwrap();
        (slash.delegated.0, slash.reporter.0, slash.burned.0)
    }

    #[test]
    fn worked_examples() {
        assert_eq!(split(10, 100, 0), (0, 1, 9), "nobody delegated");
        assert_eq!(split(10, 100, 50), (5, 1, 14), "a tenth of each");
        assert_eq!(split(10, 100, 100), (9, 1, 18), "no more than the node itself loses net");
        assert_eq!(split(10, 100, 1_000_000), (9, 1, 18));
        assert_eq!(split(100, 100, 7), (7, 10, 97), "all of both");
        assert_eq!(split(0, 100, 50), (0, 0, 0));
        assert_eq!(split(0, 0, 50), (0, 0, 0));
        assert_eq!(split_slash(Amount(2), Amount(1), Amount(9), TENTH), Err(Overflow));
        assert_eq!(
            split_slash(Amount(1), Amount(u64::MAX), Amount(u64::MAX), TENTH)
                .map(|slash| slash.delegated),
            Ok(Amount(1))
        );
    }

    #[test]
    fn an_exact_part_is_at_most_half() {
        let split = |part| {
            let part = ReporterPart::Exactly(Amount(part));
            split_slash(Amount(101), Amount(200), Amount(1_000), part)
        };
        let slash = split(50).unwrap();
        assert_eq!(
            (slash.reporter, slash.delegated, slash.burned),
            (Amount(50), Amount(51), Amount(102))
        );
        assert_eq!(split(51), Err(Overflow));
        let slash = split(0).unwrap();
        assert_eq!(
            (slash.reporter, slash.delegated, slash.burned),
            (Amount(0), Amount(101), Amount(202))
        );
    }

    proptest! {
        #[test]
        fn a_node_never_gains_by_its_own_slash(
            taken: u64, spare: u64, delegated: u64, share in 0..=5_000_u16, number: u64,
        ) {
            let own = Amount(taken.saturating_add(spare));
            let exact = ReporterPart::Exactly(Amount(number % (taken / 2 + 1)));
            for part in [ReporterPart::Share(BasisPoints(share)), exact] {
                let slash = split_slash(Amount(taken), own, Amount(delegated), part);
                // A sum of more than 64 bits is refused; no supply is that large.
                let Ok(slash) = slash else { continue };
                // All that any account receives is the reporter's part, at most half of the loss.
                prop_assert!(slash.reporter.0 <= taken / 2);
                let net_loss = taken - slash.reporter.0;
                prop_assert!(net_loss >= taken.div_ceil(2));
                prop_assert!(slash.delegated.0 <= net_loss);
            }
        }

        #[test]
        fn nothing_is_lost_and_the_bounds_hold(
            own: u64, part: u64, delegated: u64, share in 0..=5_000_u16,
        ) {
            let taken = if own == u64::MAX { part } else { part % (own + 1) };
            // A sum of more than 64 bits is refused; no supply is that large.
            let share = ReporterPart::Share(BasisPoints(share));
            if let Ok(slash) = split_slash(Amount(taken), Amount(own), Amount(delegated), share) {
                let out = u128::from(slash.reporter.0) + u128::from(slash.burned.0);
                prop_assert_eq!(out, u128::from(taken) + u128::from(slash.delegated.0));
                prop_assert!(slash.delegated.0 <= delegated.min(taken - slash.reporter.0));
                prop_assert!(slash.reporter.0 <= taken / 2);
                let lost = u128::from(slash.delegated.0) * u128::from(own);
                prop_assert!(lost <= u128::from(delegated) * u128::from(taken));
            } else {
                let lost = u128::from(taken) + u128::from(delegated.min(taken));
                prop_assert!(lost > u128::from(u64::MAX));
            }
        }
    }
}

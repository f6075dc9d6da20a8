//! The split of a slash.
//!
//! The node pays the whole penalty from its own stake, as if it had no delegators. In addition, its
//! delegators lose the same fraction of their delegated stake, but together never more than the
//! node itself loses to the reward pool. Both halves matter:
//! - If the penalty were shared, delegation would make faults cheap.
//! - Without the bound, a node could burn a hundred times its own stake from its delegators by a
//!   fault in a market of its own, and a staker with a large part of the reward pool, which
//!   receives slashes, would gain. With the bound, a node that loses `x` to the pool makes others
//!   lose at most `x` to it.
//!
//! So a node that slashes itself loses `x`, and gets back its share of up to `2x`. That share is
//! not only its own weight: the node also keeps the commission on what its delegators earn. It
//! gains if [`returned_share`] is above one half: own weight + commission × delegated weight, as a
//! part of all weight. At a commission of 100 % the delegated weight counts like its own.
//!
//! The reporter, who proved the fault, gets a share of the node's part. A node that reports its own
//! fault gets that share back, and its delegators lose as much less: the bound above applies to the
//! node's net loss. The reporter's share is at most one half, so that the net loss deters.

use crate::{
    Overflow,
    units::{Amount, BasisPoints, WHOLE_BPS},
};

/// The largest share of the node's loss that a reporter may get: one half.
pub const MAX_REPORTER_SHARE: BasisPoints = BasisPoints(5_000);
/// The largest [`returned_share`] of a node that does not gain by slashing itself: one half.
pub const SELF_SLASH_BOUND: BasisPoints = BasisPoints(5_000);

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
    /// Income of the reward pool: the rest.
    pub pool: Amount,
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

    Ok(Slash { delegated: lost, reporter, pool: paid.checked_add(lost)? })
}

/// Returns the share of the reward pool's income that reaches a node: that of its own weight, and
/// the commission on that of its delegations. Above [`SELF_SLASH_BOUND`], a node gains by slashing
/// itself, because its delegators lose as much as it does.
///
/// The weights are `own` of the node, `delegated` to it, and `total` of the pool, which includes
/// both. Zero if nothing has weight; at most the whole.
pub fn returned_share(
    own: u64,
    delegated: u64,
    commission: BasisPoints,
    total: u64,
) -> BasisPoints {
    let whole = u128::from(WHOLE_BPS);
    let kept = u128::from(delegated).saturating_mul(u128::from(commission.0).min(whole));
    let part = u128::from(own).saturating_mul(whole).saturating_add(kept);

    let share = part.checked_div(total.into()).unwrap_or(0).min(whole);
    BasisPoints(u16::try_from(share).unwrap_or(WHOLE_BPS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENTH: ReporterPart = ReporterPart::Share(BasisPoints(1_000));

    fn split(taken: u64, own: u64, delegated: u64) -> (u64, u64, u64) {
        let slash = split_slash(Amount(taken), Amount(own), Amount(delegated), TENTH).unwrap();
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
        assert_eq!(split_slash(Amount(2), Amount(1), Amount(9), TENTH), Err(Overflow));
        assert_eq!(
            split_slash(Amount(1), Amount(u64::MAX), Amount(u64::MAX), TENTH)
                .map(|slash| slash.delegated),
            Ok(Amount(1))
        );
    }

    #[test]
    fn the_share_that_returns_counts_own_weight_and_commission() {
        let returned =
            |own, delegated, bps, total| returned_share(own, delegated, BasisPoints(bps), total).0;
        assert_eq!(returned(0, 0, 10_000, 0), 0, "nothing is staked");
        assert_eq!(returned(10, 0, 10_000, 100), 1_000);
        assert_eq!(returned(10, 50, 0, 100), 1_000, "without commission, its own weight alone");
        assert_eq!(returned(10, 50, 5_000, 100), 3_500);
        assert_eq!(returned(10, 50, 10_000, 100), 6_000, "all of it counts like its own");
        assert_eq!(returned(1, 0, 0, 3), 3_333, "rounded down");
        assert_eq!(returned(100, 0, 0, 100), 10_000);
        assert_eq!(returned(u64::MAX, u64::MAX, u16::MAX, 1), 10_000, "at most the whole");
    }

    #[test]
    fn an_exact_part_is_at_most_half() {
        let split = |part| {
            let part = ReporterPart::Exactly(Amount(part));
            split_slash(Amount(101), Amount(200), Amount(1_000), part)
        };
        let slash = split(50).unwrap();
        assert_eq!(
            (slash.reporter, slash.delegated, slash.pool),
            (Amount(50), Amount(51), Amount(102))
        );
        assert_eq!(split(51), Err(Overflow));
        let slash = split(0).unwrap();
        assert_eq!(
            (slash.reporter, slash.delegated, slash.pool),
            (Amount(0), Amount(101), Amount(202))
        );
    }

    /// A node with 1 % of the weight and a commission of 100 % on another 59 % of it.
    #[test]
    fn a_node_with_little_weight_gains_by_its_commission() {
        let (own, delegated, total) = (1_000_u64, 59_000_u64, 100_000_u64);
        let slash = split(own, own, delegated);
        let (loss, pool) = (own - slash.1, slash.2);

        let back = |bps| {
            let share = returned_share(own, delegated, BasisPoints(bps), total);
            (share > SELF_SLASH_BOUND, Amount(pool).apply_rate(share).unwrap().0 > loss)
        };
        assert_eq!(back(10_000), (true, true), "less than half of the weight is its own");
        assert_eq!(back(8_000), (false, false));
    }

    proptest! {
        #[test]
        fn a_node_gains_by_its_own_slash_only_above_the_bound(
            taken in 0..=u32::MAX, delegated: u32,
            reporter in 0..=5_000_u16, returned in 0..=10_000_u16,
        ) {
            let amount = Amount(taken.into());
            let share = ReporterPart::Share(BasisPoints(reporter));
            let slash = split_slash(amount, amount, Amount(delegated.into()), share).unwrap();
            let back = slash.pool.apply_rate(BasisPoints(returned)).unwrap().0 + slash.reporter.0;
            if returned <= SELF_SLASH_BOUND.0 {
                prop_assert!(back <= amount.0);
            } else if delegated >= taken && taken > 100_000 {
                prop_assert!(back > amount.0);
            }
        }

        #[test]
        fn nothing_is_lost_and_the_bounds_hold(
            own: u64, part: u64, delegated: u64, share in 0..=5_000_u16,
        ) {
            let taken = if own == u64::MAX { part } else { part % (own + 1) };
            // A pool of more than 64 bits is refused; no supply is that large.
            let share = ReporterPart::Share(BasisPoints(share));
            if let Ok(slash) = split_slash(Amount(taken), Amount(own), Amount(delegated), share) {
                let out = u128::from(slash.reporter.0) + u128::from(slash.pool.0);
                prop_assert_eq!(out, u128::from(taken) + u128::from(slash.delegated.0));
                prop_assert!(slash.delegated.0 <= delegated.min(taken - slash.reporter.0));
                // A node to which at most half of the pool's income returns never gains, even as
                // its own reporter.
                let gained = u128::from(slash.reporter.0) + u128::from(slash.pool.0) / 2;
                prop_assert!(gained <= u128::from(taken));
                prop_assert!(slash.reporter.0 <= taken / 2);
                let lost = u128::from(slash.delegated.0) * u128::from(own);
                prop_assert!(lost <= u128::from(delegated) * u128::from(taken));
            } else {
                let income = u128::from(taken) + u128::from(delegated.min(taken));
                prop_assert!(income > u128::from(u64::MAX));
            }
        }
    }
}

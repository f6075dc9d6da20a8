//! The collateral of a node stays locked in its stake from one job to the next.
//!
//! What is locked in a stake is always the sum of what the slots of its node hold, its results in a
//! challenge window or a dispute, its seats of panels, and what is *idle*. A new slot uses idle
//! collateral first, so a node that takes one job after the other locks nothing again.

use crate::units::Amount;

/// What a slot or a seat uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollateralUse {
    /// The collateral that stays idle.
    pub idle: Amount,
    /// What is still to be locked in the stake.
    pub missing: Amount,
}

/// Uses `needed` of the `idle` collateral, as far as there is so much.
pub const fn use_idle(idle: Amount, needed: Amount) -> CollateralUse {
    CollateralUse { idle: idle.without(needed), missing: needed.without(idle) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_collateral_is_used_first() {
        let uses = |idle, needed| {
            let it = use_idle(Amount(idle), Amount(needed));
            (it.idle.0, it.missing.0)
        };
        assert_eq!(uses(0, 0), (0, 0));
        assert_eq!(uses(0, 10), (0, 10));
        assert_eq!(uses(4, 10), (0, 6));
        assert_eq!(uses(10, 10), (0, 0));
        assert_eq!(uses(11, 10), (1, 0));
        assert_eq!(uses(u64::MAX, u64::MAX), (0, 0));
    }
}

//! Changes of policy by the admin. A change that tightens takes effect at once. A change that
//! loosens is announced on the chain and waits for its notice.

use crate::{
    Overflow,
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
};

/// Notice of a loosening change: 3 days.
pub const NOTICE: Seconds = Seconds(3 * 86_400);

/// The policy of the jobs program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The network's fee on the earnings of nodes.
    pub fee: BasisPoints,
    /// The deposit of an open market, returned when it closes.
    pub market_deposit: Amount,
    /// The longest timeout that a market may allow.
    pub max_timeout: Seconds,
}

impl Policy {
    /// Returns true if nothing loosens against `current`: no higher fee, no higher deposit, no
    /// longer timeout. Open markets and listed jobs keep their values in any case.
    pub fn is_tighter_than(&self, current: &Self) -> bool {
        self.fee <= current.fee
            && self.market_deposit <= current.market_deposit
            && self.max_timeout <= current.max_timeout
    }
}

/// The policy of the staking program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakingPolicy {
    /// The smallest stake and the smallest delegation.
    pub min_stake: Amount,
    /// The reporter's share of a node's penalty.
    pub reporter_share: BasisPoints,
}

impl StakingPolicy {
    /// Returns true if nothing loosens against `current`: no smaller minimum, no larger reporter's
    /// share. Existing stakes are not affected in any case.
    pub fn is_tighter_than(&self, current: &Self) -> bool {
        self.min_stake >= current.min_stake && self.reporter_share <= current.reporter_share
    }
}

/// The time after the notice in which an announced change may be applied: 14 days. After that it
/// must be announced again, so that no one can hold back a change and apply it as a surprise.
pub const VALIDITY: Seconds = Seconds(14 * 86_400);

/// Returns true if a change announced for `effective` may be applied at `now`. Zero means that
/// nothing is announced.
pub fn is_due(effective: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    Ok(effective.0 != 0 && now >= effective && now <= effective.checked_add(VALIDITY)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Policy =
        Policy { fee: BasisPoints(500), market_deposit: Amount(10), max_timeout: Seconds(100) };

    #[test]
    fn each_field_alone_can_make_a_change_wait() {
        assert!(NOW.is_tighter_than(&NOW));
        assert!(
            Policy { fee: BasisPoints(0), market_deposit: Amount(0), max_timeout: Seconds(1) }
                .is_tighter_than(&NOW)
        );
        assert!(!Policy { fee: BasisPoints(501), ..NOW }.is_tighter_than(&NOW));
        assert!(!Policy { market_deposit: Amount(11), ..NOW }.is_tighter_than(&NOW));
        assert!(!Policy { max_timeout: Seconds(101), ..NOW }.is_tighter_than(&NOW));
    }

    #[test]
    fn a_staking_policy_can_wait_for_either_field() {
        let now = StakingPolicy { min_stake: Amount(10), reporter_share: BasisPoints(500) };
        assert!(now.is_tighter_than(&now));
        assert!(
            StakingPolicy { min_stake: Amount(11), reporter_share: BasisPoints(0) }
                .is_tighter_than(&now)
        );
        assert!(!StakingPolicy { min_stake: Amount(9), ..now }.is_tighter_than(&now));
        assert!(!StakingPolicy { reporter_share: BasisPoints(501), ..now }.is_tighter_than(&now));
    }

    #[test]
    fn a_loosening_change_waits_for_three_days() {
        assert_eq!(NOTICE, Seconds(259_200));
    }

    #[test]
    fn only_what_was_announced_takes_effect_and_not_early() {
        assert_eq!(is_due(UnixTimestamp(0), UnixTimestamp(9)), Ok(false));
        assert_eq!(is_due(UnixTimestamp(10), UnixTimestamp(9)), Ok(false));
        assert_eq!(is_due(UnixTimestamp(10), UnixTimestamp(10)), Ok(true));
        assert_eq!(is_due(UnixTimestamp(10), UnixTimestamp(10 + 14 * 86_400)), Ok(true));
        assert_eq!(
            is_due(UnixTimestamp(10), UnixTimestamp(11 + 14 * 86_400)),
            Ok(false),
            "too late"
        );
    }
}

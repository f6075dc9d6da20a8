//! What the admin may change, and how fast: what tightens takes effect at once, what loosens waits
//! in the open.

use crate::{
    Overflow,
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
};

/// How long a loosening can be seen before it takes effect: 3 days.
pub const NOTICE: Seconds = Seconds(3 * 86_400);

/// What the configuration of the jobs program decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The network's fee on what nodes earn.
    pub fee: BasisPoints,
    /// What opening a market costs until it is closed.
    pub market_deposit: Amount,
    /// The longest timeout that a market may allow.
    pub max_timeout: Seconds,
}

impl Policy {
    /// Whether the admin takes no room for itself that it does not have under `current`: no higher
    /// fee, no higher deposit, no longer timeout of a market. Markets that are open and jobs that
    /// are listed keep theirs either way.
    pub fn tightens(&self, current: &Self) -> bool {
        self.fee <= current.fee
            && self.market_deposit <= current.market_deposit
            && self.max_timeout <= current.max_timeout
    }
}

/// What the configuration of the staking program decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakingPolicy {
    /// The smallest stake and the smallest delegation.
    pub min_stake: Amount,
    /// The share of a node's penalty that who proved the fault gets.
    pub reporter_share: BasisPoints,
}

impl StakingPolicy {
    /// Whether the admin takes no room for itself that it does not have under `current`: nothing
    /// smaller comes in, and nobody gets more of what nodes lose. Stakes that are there keep all
    /// they have either way.
    pub fn tightens(&self, current: &Self) -> bool {
        self.min_stake >= current.min_stake && self.reporter_share <= current.reporter_share
    }
}

/// How long what was announced may be applied after its notice: 14 days. After that it has to be
/// announced again, so that nobody keeps a change in hand for the right moment.
pub const VALIDITY: Seconds = Seconds(14 * 86_400);

/// Whether a change that was announced to take effect at `effective` may be applied at `now`. Zero
/// announces nothing.
pub fn is_due(effective: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    Ok(effective.0 != 0 && now >= effective && now <= effective.after(VALIDITY)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Policy =
        Policy { fee: BasisPoints(500), market_deposit: Amount(10), max_timeout: Seconds(100) };

    #[test]
    fn each_field_alone_can_make_a_change_wait() {
        assert!(NOW.tightens(&NOW));
        assert!(
            Policy { fee: BasisPoints(0), market_deposit: Amount(0), max_timeout: Seconds(1) }
                .tightens(&NOW)
        );
        assert!(!Policy { fee: BasisPoints(501), ..NOW }.tightens(&NOW));
        assert!(!Policy { market_deposit: Amount(11), ..NOW }.tightens(&NOW));
        assert!(!Policy { max_timeout: Seconds(101), ..NOW }.tightens(&NOW));
    }

    #[test]
    fn a_staking_policy_can_wait_for_either_field() {
        let now = StakingPolicy { min_stake: Amount(10), reporter_share: BasisPoints(500) };
        assert!(now.tightens(&now));
        assert!(
            StakingPolicy { min_stake: Amount(11), reporter_share: BasisPoints(0) }.tightens(&now)
        );
        assert!(!StakingPolicy { min_stake: Amount(9), ..now }.tightens(&now));
        assert!(!StakingPolicy { reporter_share: BasisPoints(501), ..now }.tightens(&now));
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

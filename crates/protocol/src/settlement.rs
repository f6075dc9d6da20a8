//! The split of the escrow when a job ends.
//!
//! The client deposits the price of the whole timeout and the network's fee on it. The node earns
//! the price of its proven time. The fee is a share of that, rounded down. The rest returns to the
//! payer. The three parts always sum to the escrow.

use crate::{
    Overflow,
    job::{Kind, Reason},
    units::{Amount, BasisPoints, Price, Seconds},
};

/// The terms that were fixed when the job was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Base units of NOS per second.
    pub price: Price,
    /// The longest paid time.
    pub timeout: Seconds,
    /// The network's fee on what the node earns.
    pub fee: BasisPoints,
    /// With a result, or a service.
    pub kind: Kind,
}

/// The parts of an escrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To the node.
    pub node: Amount,
    /// Back to the payer.
    pub client: Amount,
    /// To the network: the rewards of stakers.
    pub network: Amount,
}

impl Terms {
    /// Returns the deposit that is due when the job is listed.
    pub fn escrow_amount(&self) -> Result<Amount, Overflow> {
        let cost = self.price.cost_of(self.timeout)?;
        cost.checked_add(cost.apply_rate(self.fee)?)
    }

    /// Returns these terms with `added` seconds more, and the additional deposit.
    pub fn extended_by(&self, added: Seconds) -> Result<(Self, Amount), Overflow> {
        let timeout = Seconds(self.timeout.0.checked_add(added.0).ok_or(Overflow)?);
        let longer = Self { timeout, ..*self };
        Ok((longer, longer.escrow_amount()?.checked_sub(self.escrow_amount()?)?))
    }

    /// Returns what rejecting a result costs the client, when the result took `proven` seconds:
    /// what the node would have earned, and the fee on it.
    pub fn rejection_cost(&self, proven: Seconds) -> Result<Amount, Overflow> {
        let earned = self.price.cost_of(self.paid_time(Reason::ResultRejected, proven))?;
        earned.checked_add(earned.apply_rate(self.fee)?)
    }

    /// Returns the paid seconds when the node has proven `proven` seconds and the job ends for
    /// `reason`.
    ///
    /// A result, and a stop by the client after the start, pay at least one second: the cluster's
    /// clock is too coarse to measure less.
    pub fn paid_time(&self, reason: Reason, proven: Seconds) -> Seconds {
        let capped = Seconds(proven.0.min(self.timeout.0));
        match (reason, self.kind) {
            (Reason::Completed | Reason::ResultRejected, Kind::Batch | Kind::VerifiedBatch)
            | (Reason::ClientStopped, _) => Seconds(capped.0.max(1).min(self.timeout.0)),
            (Reason::HeartbeatLost, _)
            | (Reason::Completed | Reason::BackingLost, Kind::Service) => capped,
            _ => Seconds(0),
        }
    }
}

/// Splits `escrow` when a job with `terms` ends for `reason` after `proven` seconds of work.
///
/// What a node earned with a result that its client rejects goes to the network: neither of them
/// gains by it.
///
/// `proven` is `None` if no node ever started: then the node gets nothing, whatever the reason.
///
/// # Errors
/// [`Overflow`] if the escrow cannot cover the pay, which cannot happen for a deposit that
/// [`Terms::escrow_amount`] computed.
pub fn split_escrow(
    terms: &Terms,
    escrow: Amount,
    reason: Reason,
    proven: Option<Seconds>,
) -> Result<Split, Overflow> {
    let paid = proven.map_or(Seconds(0), |proven| terms.paid_time(reason, proven));
    let earned = terms.price.cost_of(paid)?;
    let fee = earned.apply_rate(terms.fee)?;
    let client = escrow.checked_sub(earned)?.checked_sub(fee)?;

    Ok(match reason {
        Reason::ResultRejected => {
            Split { node: Amount::ZERO, client, network: earned.checked_add(fee)? }
        }
        _ => Split { node: earned, client, network: fee },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TERMS: Terms = Terms {
        price: Price(7),
        timeout: Seconds(3_600),
        fee: BasisPoints(1_000),
        kind: Kind::Batch,
    };

    fn split(terms: Terms, reason: Reason, proven: Option<u64>) -> Split {
        let escrow = terms.escrow_amount().unwrap_or_default();
        split_escrow(&terms, escrow, reason, proven.map(Seconds)).unwrap_or_default()
    }

    #[test]
    fn a_worked_example() {
        // 3,600 s at 7 is 25,200, with a tenth on top 27,720. 100 s earn 700, the fee on them is
        // 70.
        assert_eq!(TERMS.escrow_amount(), Ok(Amount(27_720)));
        let split = split(TERMS, Reason::Completed, Some(100));
        assert_eq!(split, Split { node: Amount(700), client: Amount(26_950), network: Amount(70) });
    }

    #[test]
    fn only_work_that_was_seen_is_paid() {
        for reason in [
            Reason::Cancelled,
            Reason::DeadlineExceeded,
            Reason::AttemptsExhausted,
            Reason::BackingLost,
            Reason::ResultWrong,
        ] {
            assert_eq!(split(TERMS, reason, Some(100)).node, Amount(0), "{reason:?}");
        }
        for reason in [Reason::Completed, Reason::ClientStopped] {
            assert_eq!(split(TERMS, reason, None).node, Amount(0), "{reason:?} without a start");
            assert_eq!(split(TERMS, reason, Some(0)).node, Amount(7), "{reason:?} within a second");
            assert_eq!(
                split(TERMS, reason, Some(9_999)).node,
                Amount(25_200),
                "{reason:?} is capped"
            );
        }
    }

    #[test]
    fn a_rejected_result_costs_the_client_as_much_and_pays_nobody() {
        let paid = split(TERMS, Reason::Completed, Some(100));
        let rejected = split(TERMS, Reason::ResultRejected, Some(100));
        assert_eq!((rejected.node, rejected.client), (Amount(0), paid.client));
        assert_eq!(rejected.network, Amount(770));
        assert_eq!(TERMS.rejection_cost(Seconds(100)), Ok(Amount(770)));
        assert_eq!(TERMS.rejection_cost(Seconds(9_999)), Ok(Amount(27_720)));
    }

    #[test]
    fn a_verified_job_is_paid_like_any_other() {
        let verified = Terms { kind: Kind::VerifiedBatch, ..TERMS };
        for byte in 0..=11 {
            let reason = Reason::from_byte(byte).unwrap();
            for proven in [None, Some(0), Some(100), Some(9_999)] {
                assert_eq!(split(verified, reason, proven), split(TERMS, reason, proven));
            }
        }
    }

    #[test]
    fn a_service_is_paid_for_what_its_heartbeats_prove() {
        let service = Terms { kind: Kind::Service, ..TERMS };
        assert_eq!(split(service, Reason::HeartbeatLost, Some(50)).node, Amount(350));
        assert_eq!(split(service, Reason::Completed, Some(3_600)).node, Amount(25_200));
        assert_eq!(split(service, Reason::Completed, Some(0)).node, Amount(0));
    }

    #[test]
    fn an_extension_costs_what_a_longer_job_would_have_cost() {
        let short = Terms { timeout: Seconds(1), ..TERMS };
        // A fee on 7 is 0, on 14 it is 1: the deposits are compared, not the additions.
        assert_eq!(
            short.extended_by(Seconds(1)),
            Ok((Terms { timeout: Seconds(2), ..TERMS }, Amount(8)))
        );
        assert_eq!(short.extended_by(Seconds(u64::MAX)), Err(Overflow));
    }

    #[test]
    fn no_deposit_pays_for_a_second() {
        let empty = Terms { timeout: Seconds(0), ..TERMS };
        assert_eq!(split(empty, Reason::Completed, Some(5)), Split::default());
    }

    proptest! {
        #[test]
        fn the_parts_sum_to_the_escrow(
            price in 0..u64::MAX / 4, timeout in 0..u32::MAX, fee in 0..=10_000u16, service: bool,
            proven in proptest::option::of(any::<u64>()), reason in 0..=11u8, verified: bool,
        ) {
            let batch = if verified { Kind::VerifiedBatch } else { Kind::Batch };
            let kind = if service { Kind::Service } else { batch };
            let (price, fee) = (Price(price), BasisPoints(fee));
            let terms = Terms { price, timeout: Seconds(timeout.into()), fee, kind };
            let reason = Reason::from_byte(reason).unwrap_or(Reason::None);
            if let Ok(escrow) = terms.escrow_amount() {
                let split = split_escrow(&terms, escrow, reason, proven.map(Seconds));
                prop_assert!(split.is_ok(), "a deposit always covers its job");
                let split = split.unwrap_or_default();
                let parts = [split.node, split.client, split.network];
                let sum: u128 = parts.iter().map(|part| u128::from(part.0)).sum();
                prop_assert_eq!(sum, u128::from(escrow.0));
            }
        }
    }
}

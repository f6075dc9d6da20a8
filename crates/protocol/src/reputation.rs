//! What a node's past says about it: a Beta distribution over the value of its work, which fades.
//!
//! `good` is the value that a node delivered and was paid for, `bad` the value that it promised and failed to deliver,
//! both in base units of NOS and both halved every [`HALF_LIFE`]. With a prior of [`PRIOR`] on either side, the score is
//! the mean of the Beta distribution: `(good + PRIOR) / (good + bad + 2 × PRIOR)`, in basis points. A node that nobody
//! knows stands at one half.
//!
//! Only settlements move it. What cannot be told from bad luck (a job that was given back) is not counted, and neither
//! is a job that a node lists to itself: see [`is_own`]. Who lists through a second wallet pays the network's fee for
//! each unit of reputation: a market should ask for one whose fee outweighs what cheating there could gain.

use crate::{
    Overflow,
    job::Reason,
    settlement::{Split, Terms},
    units::{Amount, BasisPoints, Moment, Seconds, WHOLE_BPS, fraction},
};

/// After this time evidence counts half: 30 days.
pub const HALF_LIFE: Seconds = Seconds(30 * 86_400);
/// The weight of knowing nothing: 10 NOS on either side.
pub const PRIOR: Amount = Amount(10_000_000);
/// The most that one settlement counts: 1,000 NOS. One large job does not make or break a node.
pub const MAX_EVIDENCE: Amount = Amount(1_000_000_000);
/// The most that either side holds, so that sums stay in range.
const MAX_HELD: u64 = u64::MAX >> 2;

/// A node's reputation as it stood at `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// Value delivered, in base units.
    pub good: u64,
    /// Value promised and not delivered, in base units.
    pub bad: u64,
    /// When both were last brought up to date.
    pub at: Moment,
}

/// What one settlement says about its node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Value delivered.
    pub good: Amount,
    /// Value not delivered.
    pub bad: Amount,
}

/// Whether client and node of a job are the same person as far as the chain can tell.
pub fn is_own<T: PartialEq>(node_authority: &T, node_payout: &T, client: &T, payer: &T, payer_token: &T) -> bool {
    client == node_authority || payer == node_authority || payer_token == node_payout
}

/// What the settlement of a job with `terms` for `reason` says about its node, which earned `split.node`.
///
/// `promised` is the timeout that the node agreed to when it started: what its client bought later is not held against
/// it.
pub fn evidence(terms: &Terms, promised: Seconds, reason: Reason, split: &Split) -> Result<Evidence, Overflow> {
    let promised = terms.price.times(promised)?;
    let bad = match reason {
        Reason::DeadlineExceeded | Reason::HeartbeatLost | Reason::BackingLost => {
            Amount(promised.0.saturating_sub(split.node.0))
        }
        _ => Amount::ZERO,
    };
    Ok(Evidence { good: split.node.min(MAX_EVIDENCE), bad: bad.min(MAX_EVIDENCE) })
}

impl Reputation {
    /// The reputation after `evidence` that came at `now`.
    pub fn after(self, evidence: Evidence, now: Moment) -> Result<Self, Overflow> {
        let faded = self.faded(now)?;
        Ok(Self {
            good: faded.good.saturating_add(evidence.good.0).min(MAX_HELD),
            bad: faded.bad.saturating_add(evidence.bad.0).min(MAX_HELD),
            at: now,
        })
    }

    /// The score at `now`.
    pub fn score(self, now: Moment) -> Result<BasisPoints, Overflow> {
        let faded = self.faded(now)?;
        let good = u128::from(faded.good).checked_add(PRIOR.0.into()).ok_or(Overflow)?;
        let all = u128::from(faded.bad).checked_add(PRIOR.0.into()).and_then(|bad| bad.checked_add(good));
        let score = good.checked_mul(WHOLE_BPS.into()).zip(all).and_then(|(good, all)| good.checked_div(all));
        u16::try_from(score.ok_or(Overflow)?).map(BasisPoints).map_err(|_| Overflow)
    }

    fn faded(self, now: Moment) -> Result<Self, Overflow> {
        let elapsed = now.since(self.at);
        Ok(Self { good: fade(self.good, elapsed)?, bad: fade(self.bad, elapsed)?, at: now })
    }
}

/// `value` after `elapsed`: halved every half-life, and a straight line in between, rounded down.
fn fade(value: u64, elapsed: Seconds) -> Result<u64, Overflow> {
    let halvings = elapsed.0.checked_div(HALF_LIFE.0).ok_or(Overflow)?;
    let rest = elapsed.0.checked_rem(HALF_LIFE.0).ok_or(Overflow)?;
    let halved = u32::try_from(halvings).ok().and_then(|halvings| value.checked_shr(halvings)).unwrap_or(0);
    let span = HALF_LIFE.0.checked_mul(2).ok_or(Overflow)?;
    fraction(halved, span.checked_sub(rest).ok_or(Overflow)?, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        job::Kind,
        settlement,
        units::{BasisPoints, Price},
    };
    use proptest::prelude::*;

    const TERMS: Terms = Terms { price: Price(7), timeout: Seconds(1_000), fee: BasisPoints(0), kind: Kind::Batch };

    fn seen(kind: Kind, reason: Reason, proven: Option<u64>) -> Evidence {
        let terms = Terms { kind, ..TERMS };
        let escrow = terms.escrow().unwrap();
        let split = settlement::settle(&terms, escrow, reason, proven.map(Seconds)).unwrap();
        evidence(&terms, terms.timeout, reason, &split).unwrap()
    }

    #[test]
    fn a_stranger_stands_at_one_half_and_evidence_moves_it() {
        let new = Reputation { at: Moment(100), ..Reputation::default() };
        assert_eq!(new.score(Moment(100)), Ok(BasisPoints(5_000)));
        let good = new.after(Evidence { good: Amount(20_000_000), bad: Amount(0) }, Moment(100)).unwrap();
        assert_eq!(good.score(Moment(100)), Ok(BasisPoints(7_500)), "(20 + 10) of (20 + 20)");
        let mixed = good.after(Evidence { good: Amount(0), bad: Amount(60_000_000) }, Moment(100)).unwrap();
        assert_eq!(mixed.score(Moment(100)), Ok(BasisPoints(3_000)), "30 of 100");
    }

    #[test]
    fn the_past_fades() {
        let known = Reputation { good: 80, bad: 0, at: Moment(0) };
        let after = |elapsed: u64| fade(known.good, Seconds(elapsed)).unwrap();
        assert_eq!(after(0), 80);
        assert_eq!(after(HALF_LIFE.0 / 2), 60, "a straight line between the halvings");
        assert_eq!(after(HALF_LIFE.0), 40);
        assert_eq!(after(3 * HALF_LIFE.0), 10);
        assert_eq!(after(200 * HALF_LIFE.0), 0);
        assert_eq!(after(u64::MAX), 0);
    }

    #[test]
    fn only_what_a_settlement_shows_counts() {
        assert_eq!(seen(Kind::Batch, Reason::Completed, Some(100)), Evidence { good: Amount(700), bad: Amount(0) });
        assert_eq!(seen(Kind::Batch, Reason::ClientStopped, Some(10)).bad, Amount(0));
        assert_eq!(
            seen(Kind::Batch, Reason::DeadlineExceeded, Some(0)),
            Evidence { good: Amount(0), bad: Amount(7_000) }
        );
        let lost = seen(Kind::Service, Reason::HeartbeatLost, Some(400));
        assert_eq!(lost, Evidence { good: Amount(2_800), bad: Amount(4_200) });
        for reason in [Reason::Cancelled, Reason::AttemptsExhausted, Reason::Expired, Reason::Unplaceable] {
            assert_eq!(seen(Kind::Batch, reason, None), Evidence::default(), "{reason:?}");
        }
    }

    #[test]
    fn one_job_has_a_bounded_voice() {
        let terms = Terms { price: Price(u64::MAX / 2_000), ..TERMS };
        let split = Split { node: Amount(0), ..Split::default() };
        assert_eq!(evidence(&terms, terms.timeout, Reason::DeadlineExceeded, &split).unwrap().bad, MAX_EVIDENCE);
    }

    #[test]
    fn an_extension_is_no_promise_of_the_node() {
        let longer = Terms { timeout: Seconds(9_000), kind: Kind::Service, ..TERMS };
        let split = settlement::settle(&longer, longer.escrow().unwrap(), Reason::HeartbeatLost, Some(Seconds(1_200)));
        let seen = evidence(&longer, Seconds(1_000), Reason::HeartbeatLost, &split.unwrap()).unwrap();
        assert_eq!(seen, Evidence { good: Amount(8_400), bad: Amount(0) }, "it served longer than it had agreed to");
    }

    #[test]
    fn own_jobs_are_recognised() {
        assert!(is_own(&1, &2, &1, &9, &9));
        assert!(is_own(&1, &2, &9, &1, &9));
        assert!(is_own(&1, &2, &9, &9, &2));
        assert!(!is_own(&1, &2, &2, &2, &1));
    }

    proptest! {
        #[test]
        fn the_score_is_a_share_and_nothing_overflows(
            good: u64, bad: u64, at in 0..i64::MAX, now in 0..i64::MAX, more: u64, less: u64,
        ) {
            let start = Reputation { good: good.min(MAX_HELD), bad: bad.min(MAX_HELD), at: Moment(at) };
            let evidence = Evidence { good: Amount(more).min(MAX_EVIDENCE), bad: Amount(less).min(MAX_EVIDENCE) };
            let then = start.after(evidence, Moment(now)).unwrap();
            prop_assert!(then.score(Moment(now)).unwrap().0 <= WHOLE_BPS);
            prop_assert!(then.score(Moment(i64::MAX)).unwrap().0 <= WHOLE_BPS);
            let better = start.after(Evidence { bad: Amount(0), ..evidence }, Moment(now)).unwrap();
            prop_assert!(better.score(Moment(now)).unwrap() >= then.score(Moment(now)).unwrap());
        }
    }
}

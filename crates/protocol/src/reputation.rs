//! A node's reputation: a Beta distribution over the value of its past work, which fades.
//!
//! `good` is the value that a node delivered and was paid for, `bad` the value that it promised and
//! failed to deliver, both in base units of NOS and both halved every 30 days, a little each day.
//! With a prior of [`PRIOR`] on either side, the score is the mean of the Beta distribution: `(good
//! + PRIOR) / (good + bad + 2 × PRIOR)`, in basis points. A new node has one half.
//!
//! Only settlements change it. A job that was given back does not count, because the reason may be
//! bad luck. A job that a node lists for itself does not count either: see [`is_own`]. An owner who
//! lists through a second wallet pays the network's fee for each unit of reputation: a market
//! should require a reputation whose fee outweighs what cheating there could gain.

use crate::{
    Overflow,
    job::{Kind, Reason},
    settlement::{Split, Terms},
    units::{Amount, BasisPoints, Seconds, UnixTimestamp, WHOLE_BPS, mul_div_u64},
};

/// Evidence counts `FADED[n] / 2³⁰` of its value `n` days later: `2^(−n/30)`, rounded down. Only
/// whole days count, so that the number of updates of a reputation makes no difference.
const FADED: [u64; 30] = [
    1_073_741_824,
    1_049_217_526,
    1_025_253_365,
    1_001_836_546,
    978_954_567,
    956_595_214,
    934_746_549,
    913_396_909,
    892_534_894,
    872_149_369,
    852_229_450,
    832_764_502,
    813_744_135,
    795_158_193,
    776_996_755,
    759_250_124,
    741_908_828,
    724_963_607,
    708_405_415,
    692_225_413,
    676_414_963,
    660_965_623,
    645_869_148,
    631_117_476,
    616_702_733,
    602_617_223,
    588_853_427,
    575_403_996,
    562_261_750,
    549_419_674,
];
/// One day.
const DAY: Seconds = Seconds(86_400);
/// The weight of the prior: 10 NOS on either side.
pub const PRIOR: Amount = Amount(10_000_000);
/// The most that one settlement counts: 1,000 NOS. So one large job does not decide a node's score.
pub const MAX_EVIDENCE: Amount = Amount(1_000_000_000);
/// The most that either side holds. It keeps sums in range.
const MAX_HELD: u64 = u64::MAX >> 2;

/// A node's reputation at the time `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// Value delivered, in base units.
    pub good: u64,
    /// Value promised and not delivered, in base units.
    pub bad: u64,
    /// The time until which both have faded: a whole number of days after the first evidence.
    pub at: UnixTimestamp,
}

/// The evidence of one settlement about its node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Value delivered.
    pub good: Amount,
    /// Value not delivered.
    pub bad: Amount,
}

/// Returns true if the accounts of a job show that its client and its node are the same person.
pub fn is_self_dealing<T: PartialEq>(
    node_authority: &T,
    node_payout: &T,
    client: &T,
    payer: &T,
    payer_token: &T,
) -> bool {
    client == node_authority || payer == node_authority || payer_token == node_payout
}

/// Returns the evidence of the settlement, for `reason`, of a job with `terms` whose node earned
/// `split.node`.
///
/// `promised` is the timeout that the node agreed to when it started. Time that the client bought
/// later does not count against the node.
///
/// A result counts only if its client could have rejected it: `has_window` is true if the job has a
/// challenge window.
pub fn settlement_evidence(
    terms: &Terms,
    promised: Seconds,
    reason: Reason,
    split: &Split,
    has_window: bool,
) -> Result<Evidence, Overflow> {
    let promised = terms.price.cost_of(promised)?;

    let good = match (reason, terms.kind) {
        (Reason::Completed, Kind::Batch) if !has_window => Amount::ZERO,
        _ => split.node,
    };
    // A batch job ends for a lost heartbeat only if its own client ends it.
    let bad = match (reason, terms.kind) {
        (Reason::DeadlineExceeded, _)
        | (Reason::Completed | Reason::HeartbeatLost | Reason::BackingLost, Kind::Service) => {
            Amount(promised.0.saturating_sub(split.node.0))
        }
        _ => Amount::ZERO,
    };

    Ok(Evidence { good: good.min(MAX_EVIDENCE), bad: bad.min(MAX_EVIDENCE) })
}

impl Reputation {
    /// Returns the reputation with `evidence` added at `now`.
    pub fn with_evidence(self, evidence: Evidence, now: UnixTimestamp) -> Result<Self, Overflow> {
        let faded = self.faded_at(now)?;
        Ok(Self {
            good: faded.good.saturating_add(evidence.good.0).min(MAX_HELD),
            bad: faded.bad.saturating_add(evidence.bad.0).min(MAX_HELD),
            at: faded.at,
        })
    }

    /// Returns the score at `now`.
    pub fn score_at(self, now: UnixTimestamp) -> Result<BasisPoints, Overflow> {
        let faded = self.faded_at(now)?;
        let good = u128::from(faded.good).checked_add(PRIOR.0.into()).ok_or(Overflow)?;
        let all =
            u128::from(faded.bad).checked_add(PRIOR.0.into()).and_then(|bad| bad.checked_add(good));

        let score = good
            .checked_mul(WHOLE_BPS.into())
            .zip(all)
            .and_then(|(good, all)| good.checked_div(all));

        u16::try_from(score.ok_or(Overflow)?).map(BasisPoints).map_err(|_| Overflow)
    }

    fn faded_at(self, now: UnixTimestamp) -> Result<Self, Overflow> {
        if self.good == 0 && self.bad == 0 {
            return Ok(Self { at: now, ..self });
        }

        let days = now.seconds_since(self.at).0.checked_div(DAY.0).ok_or(Overflow)?;
        let at = self.at.checked_add(Seconds(days.checked_mul(DAY.0).ok_or(Overflow)?))?;

        Ok(Self { good: fade_value(self.good, days)?, bad: fade_value(self.bad, days)?, at })
    }
}

/// Returns `value` after `days`, rounded down.
fn fade_value(value: u64, days: u64) -> Result<u64, Overflow> {
    let halvings =
        days.checked_div(30).and_then(|halvings| u32::try_from(halvings).ok()).unwrap_or(u32::MAX);
    let rest = days.checked_rem(30).and_then(|rest| usize::try_from(rest).ok()).ok_or(Overflow)?;

    let halved = value.checked_shr(halvings).unwrap_or(0);
    mul_div_u64(halved, *FADED.get(rest).ok_or(Overflow)?, 1 << 30)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        settlement,
        units::{BasisPoints, Price},
    };
    use proptest::prelude::*;

    const TERMS: Terms =
        Terms { price: Price(7), timeout: Seconds(1_000), fee: BasisPoints(0), kind: Kind::Batch };

    fn seen(kind: Kind, reason: Reason, proven: Option<u64>) -> Evidence {
        let terms = Terms { kind, ..TERMS };
        let escrow = terms.escrow_amount().unwrap();
        let split = settlement::split_escrow(&terms, escrow, reason, proven.map(Seconds)).unwrap();
        settlement_evidence(&terms, terms.timeout, reason, &split, true).unwrap()
    }

    #[test]
    fn a_stranger_stands_at_one_half_and_evidence_moves_it() {
        let new = Reputation { at: UnixTimestamp(100), ..Reputation::default() };
        assert_eq!(new.score_at(UnixTimestamp(100)), Ok(BasisPoints(5_000)));
        let good = new
            .with_evidence(
                Evidence { good: Amount(20_000_000), bad: Amount(0) },
                UnixTimestamp(100),
            )
            .unwrap();
        assert_eq!(
            good.score_at(UnixTimestamp(100)),
            Ok(BasisPoints(7_500)),
            "(20 + 10) of (20 + 20)"
        );
        let mixed = good
            .with_evidence(
                Evidence { good: Amount(0), bad: Amount(60_000_000) },
                UnixTimestamp(100),
            )
            .unwrap();
        assert_eq!(mixed.score_at(UnixTimestamp(100)), Ok(BasisPoints(3_000)), "30 of 100");
    }

    #[test]
    fn the_past_fades_by_half_in_thirty_days() {
        assert_eq!(
            (fade_value(80, 0), fade_value(80, 30), fade_value(80, 90), fade_value(80, 6_000)),
            (Ok(80), Ok(40), Ok(10), Ok(0))
        );
        assert_eq!(fade_value(1_000_000, 15), Ok(707_106), "the root of a half");
        assert_eq!(fade_value(1_000_000, 1), Ok(977_159));
        assert_eq!(fade_value(u64::MAX, u64::MAX), Ok(0));
        for (day, part) in FADED.iter().enumerate() {
            let exact = 2_f64.powf(-(day as f64) / 30.0) * f64::from(1 << 30);
            assert!((exact - *part as f64).abs() <= 1.0, "day {day}");
        }
    }

    #[test]
    fn either_side_fades_also_without_the_other() {
        let month = UnixTimestamp(30 * 86_400 + 7);
        let fade = |good, bad| {
            let known = Reputation { good, bad, at: UnixTimestamp(0) };
            known.with_evidence(Evidence::default(), month).unwrap()
        };
        let at = UnixTimestamp(30 * 86_400);
        assert_eq!(fade(80, 0), Reputation { good: 40, bad: 0, at });
        assert_eq!(fade(0, 80), Reputation { good: 0, bad: 40, at });
    }

    #[test]
    fn days_are_counted_from_the_first_evidence() {
        let evidence = Evidence { good: Amount(80), bad: Amount(0) };
        let first = Reputation::default().with_evidence(evidence, UnixTimestamp(100_000)).unwrap();
        assert_eq!(first, Reputation { good: 80, bad: 0, at: UnixTimestamp(100_000) });
    }

    #[test]
    fn either_side_holds_at_most_a_quarter_of_the_range() {
        let most = u64::MAX / 4;
        let full = Reputation { good: most - 1, bad: most - 1, at: UnixTimestamp(0) };
        let evidence = Evidence { good: Amount(9), bad: Amount(9) };
        let then = full.with_evidence(evidence, UnixTimestamp(0)).unwrap();
        assert_eq!((then.good, then.bad), (most, most));
    }

    #[test]
    fn asking_often_changes_nothing() {
        let known = Reputation { good: 1_000_000_000, bad: 500_000_000, at: UnixTimestamp(0) };
        let mut often = known;
        for hour in 0..=60 * 24 {
            often =
                often.with_evidence(Evidence::default(), UnixTimestamp(hour * 3_600 + 7)).unwrap();
        }
        let once =
            known.with_evidence(Evidence::default(), UnixTimestamp(60 * 86_400 + 7)).unwrap();
        assert_eq!(once.at, often.at);
        assert_eq!((once.good, once.bad), (250_000_000, 125_000_000));
        assert!(
            once.good - often.good < 60 && once.bad - often.bad < 60,
            "but for a base unit a day"
        );
    }

    #[test]
    fn only_what_a_settlement_shows_counts() {
        assert_eq!(
            seen(Kind::Batch, Reason::Completed, Some(100)),
            Evidence { good: Amount(700), bad: Amount(0) }
        );
        assert_eq!(seen(Kind::Batch, Reason::ClientStopped, Some(10)).bad, Amount(0));
        assert_eq!(
            seen(Kind::Batch, Reason::DeadlineExceeded, Some(0)),
            Evidence { good: Amount(0), bad: Amount(7_000) }
        );
        let lost = seen(Kind::Service, Reason::HeartbeatLost, Some(400));
        assert_eq!(lost, Evidence { good: Amount(2_800), bad: Amount(4_200) });
        for reason in
            [Reason::Cancelled, Reason::AttemptsExhausted, Reason::Expired, Reason::Unplaceable]
        {
            assert_eq!(seen(Kind::Batch, reason, None), Evidence::default(), "{reason:?}");
        }
    }

    #[test]
    fn a_result_that_nobody_could_reject_counts_for_nothing() {
        let split = Split { node: Amount(700), ..Split::default() };
        let good = |kind, reason| {
            let terms = Terms { kind, ..TERMS };
            settlement_evidence(&terms, Seconds(0), reason, &split, false).unwrap().good
        };
        assert_eq!(good(Kind::Batch, Reason::Completed), Amount(0));
        assert_eq!(good(Kind::Batch, Reason::ClientStopped), Amount(700));
        assert_eq!(good(Kind::Service, Reason::Completed), Amount(700));
        assert_eq!(seen(Kind::Batch, Reason::ResultRejected, Some(100)), Evidence::default());
    }

    #[test]
    fn a_service_that_was_silent_delivered_less_than_it_promised() {
        assert_eq!(
            seen(Kind::Service, Reason::Completed, Some(400)),
            Evidence { good: Amount(2_800), bad: Amount(4_200) }
        );
        let lost = seen(Kind::Batch, Reason::HeartbeatLost, Some(400));
        assert_eq!(lost, Evidence { good: Amount(2_800), bad: Amount(0) });
    }

    #[test]
    fn one_job_has_a_bounded_voice() {
        let terms = Terms { price: Price(u64::MAX / 2_000), ..TERMS };
        let split = Split { node: Amount(0), ..Split::default() };
        assert_eq!(
            settlement_evidence(&terms, terms.timeout, Reason::DeadlineExceeded, &split, true)
                .unwrap()
                .bad,
            MAX_EVIDENCE
        );
    }

    #[test]
    fn an_extension_is_no_promise_of_the_node() {
        let longer = Terms { timeout: Seconds(9_000), kind: Kind::Service, ..TERMS };
        let split = settlement::split_escrow(
            &longer,
            longer.escrow_amount().unwrap(),
            Reason::HeartbeatLost,
            Some(Seconds(1_200)),
        );
        let seen = settlement_evidence(
            &longer,
            Seconds(1_000),
            Reason::HeartbeatLost,
            &split.unwrap(),
            false,
        )
        .unwrap();
        assert_eq!(
            seen,
            Evidence { good: Amount(8_400), bad: Amount(0) },
            "it served longer than it had agreed to"
        );
    }

    #[test]
    fn own_jobs_are_recognized() {
        assert!(is_self_dealing(&1, &2, &1, &9, &9));
        assert!(is_self_dealing(&1, &2, &9, &1, &9));
        assert!(is_self_dealing(&1, &2, &9, &9, &2));
        assert!(!is_self_dealing(&1, &2, &2, &2, &1));
    }

    proptest! {
        #[test]
        fn the_score_is_a_share_and_nothing_overflows(
            good: u64, bad: u64, at in 0..i64::MAX, now in 0..i64::MAX, more: u64, less: u64,
        ) {
            let start = Reputation {
                good: good.min(MAX_HELD),
                bad: bad.min(MAX_HELD),
                at: UnixTimestamp(at),
            };
            let evidence = Evidence {
                good: Amount(more).min(MAX_EVIDENCE),
                bad: Amount(less).min(MAX_EVIDENCE),
            };
            let then = start.with_evidence(evidence, UnixTimestamp(now)).unwrap();
            prop_assert!(then.score_at(UnixTimestamp(now)).unwrap().0 <= WHOLE_BPS);
            prop_assert!(then.score_at(UnixTimestamp(i64::MAX)).unwrap().0 <= WHOLE_BPS);
            let only_good = Evidence { bad: Amount(0), ..evidence };
            let better = start.with_evidence(only_good, UnixTimestamp(now)).unwrap();
            let score = |reputation: Reputation| reputation.score_at(UnixTimestamp(now)).unwrap();
            prop_assert!(score(better) >= score(then));
        }
    }
}

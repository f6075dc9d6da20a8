//! Unit tests of reputation.

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
        .with_evidence(Evidence { good: Amount(20_000_000), bad: Amount(0) }, UnixTimestamp(100))
        .unwrap();
    assert_eq!(good.score_at(UnixTimestamp(100)), Ok(BasisPoints(7_500)), "(20 + 10) of (20 + 20)");
    let mixed = good
        .with_evidence(Evidence { good: Amount(0), bad: Amount(60_000_000) }, UnixTimestamp(100))
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
        often = often.with_evidence(Evidence::default(), UnixTimestamp(hour * 3_600 + 7)).unwrap();
    }
    let once = known.with_evidence(Evidence::default(), UnixTimestamp(60 * 86_400 + 7)).unwrap();
    assert_eq!(once.at, often.at);
    assert_eq!((once.good, once.bad), (250_000_000, 125_000_000));
    assert!(once.good - often.good < 60 && once.bad - often.bad < 60, "but for a base unit a day");
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
    assert_eq!(
        seen(Kind::VerifiedBatch, Reason::ResultWrong, Some(400)),
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
    let seen =
        settlement_evidence(&longer, Seconds(1_000), Reason::HeartbeatLost, &split.unwrap(), false)
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

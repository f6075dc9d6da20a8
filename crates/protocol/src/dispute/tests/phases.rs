//! The phases of a dispute, by their acts and by their clocks.

use crate::{
    Overflow,
    dispute::phase::{
        Phase::{self, Committing, Opening, Over, Resolved, Seating, Voting},
        PhaseError, Progress,
    },
    units::{Seconds, UnixTimestamp},
};
use proptest::prelude::*;

const LENGTH: Seconds = Seconds(100);

fn at(second: i64) -> UnixTimestamp {
    UnixTimestamp(second)
}

fn progress(phase: Phase, seats: u8, committed: u8, revealed: u8) -> Progress {
    Progress { phase, ends: at(1_000), seats, committed, revealed }
}

/// The phase and its end when `second` has come.
fn later(from: Progress, second: i64) -> (Phase, i64) {
    let progress = from.advance_to(at(second), LENGTH).unwrap();
    (progress.phase, progress.ends.0)
}

#[test]
fn the_last_second_belongs_to_the_phase() {
    let seating = progress(Seating, 1, 0, 0);
    assert_eq!(later(seating, 1_000), (Seating, 1_000));
    assert_eq!(later(seating, 1_001), (Committing, 1_100));
    let begun = Progress::begin_at(at(900), LENGTH).unwrap();
    assert_eq!(begun, progress(Seating, 0, 0, 0));
    assert_eq!(Progress::begin_at(at(i64::MAX), LENGTH), Err(Overflow));
}

#[test]
fn clocks_lead_through_the_phases() {
    let table = [
        (progress(Seating, 0, 0, 0), [(Over, 1_100); 3]),
        (progress(Seating, 2, 0, 0), [(Committing, 1_100), (Over, 1_200), (Over, 1_200)]),
        (progress(Seating, 3, 0, 0), [(Committing, 1_100), (Over, 1_200), (Over, 1_200)]),
        (progress(Committing, 3, 0, 0), [(Over, 1_100); 3]),
        (progress(Committing, 3, 2, 0), [(Opening, 1_100), (Over, 1_200), (Over, 1_200)]),
        (progress(Opening, 3, 3, 0), [(Over, 1_100); 3]),
        (progress(Voting, 3, 3, 1), [(Over, 1_100); 3]),
        (progress(Over, 3, 3, 3), [(Over, 1_000); 3]),
        (progress(Resolved, 3, 3, 3), [(Resolved, 1_000); 3]),
    ];
    for (from, expected) in table {
        let found = [1_001, 1_101, 1_201].map(|second| later(from, second));
        assert_eq!(found, expected, "{from:?}");
    }
}

#[test]
fn acts_end_phases_early() {
    let now = at(500);
    let ended = |phase, seats, committed, revealed| Progress {
        ends: at(600),
        ..progress(phase, seats, committed, revealed)
    };
    let drawn = progress(Seating, 0, 0, 0).start_seating(now, LENGTH);
    assert_eq!(drawn, Ok(ended(Seating, 0, 0, 0)), "the clock starts anew");
    for (before, after) in [(0, 1), (1, 2), (2, 3), (3, 3)] {
        let seated = progress(Seating, before, 0, 0).take_seat();
        assert_eq!(seated, Ok(progress(Seating, after, 0, 0)), "lower scores may still come");
    }
    let some = progress(Committing, 3, 1, 0).add_commitment(now, LENGTH);
    assert_eq!(some, Ok(progress(Committing, 3, 2, 0)));
    let all = progress(Committing, 3, 2, 0).add_commitment(now, LENGTH);
    assert_eq!(all, Ok(ended(Opening, 3, 3, 0)));
    let opened = progress(Opening, 3, 2, 0).open_trace(now, LENGTH);
    assert_eq!(opened, Ok(ended(Voting, 3, 2, 0)));
    assert_eq!(progress(Voting, 3, 2, 0).add_reveal(), Ok(progress(Voting, 3, 2, 1)));
    assert_eq!(progress(Voting, 3, 2, 1).add_reveal(), Ok(progress(Over, 3, 2, 2)));
    assert_eq!(progress(Over, 3, 2, 2).resolve(), Ok(progress(Resolved, 3, 2, 2)));
}

#[test]
fn every_other_act_is_refused() {
    let phases = [Seating, Committing, Opening, Voting, Over, Resolved];
    for phase in phases {
        let from = progress(phase, 2, 1, 0);
        let now = at(500);
        let acts = [
            (from.start_seating(now, LENGTH), phase == Seating),
            (from.take_seat(), phase == Seating),
            (from.add_commitment(now, LENGTH), phase == Committing),
            (from.open_trace(now, LENGTH), phase == Opening),
            (from.add_reveal(), phase == Voting),
            (from.resolve(), phase == Over),
        ];
        for (act, (result, is_allowed)) in acts.into_iter().enumerate() {
            assert_eq!(result.is_ok(), is_allowed, "{phase:?}, {act}");
            assert!(is_allowed || result == Err(PhaseError::WrongPhase), "{phase:?}, {act}");
        }
    }
    let all = progress(Committing, 2, 2, 0).add_commitment(at(500), LENGTH);
    assert_eq!(all, Err(PhaseError::WrongPhase), "nobody commits twice");
    assert_eq!(progress(Voting, 3, 2, 2).add_reveal(), Err(PhaseError::WrongPhase));
    let late = progress(Opening, 3, 3, 0).open_trace(at(i64::MAX), LENGTH);
    assert_eq!(late, Err(PhaseError::Overflow));
}

#[test]
fn bytes_round_trip() {
    for byte in 0..=u8::MAX {
        let phase = Phase::from_byte(byte).map(|phase| phase as u8);
        assert_eq!(phase, (byte <= 5).then_some(byte));
    }
}

proptest! {
    /// Whatever anybody does, a dispute is over after five phases.
    #[test]
    fn a_dispute_ends(
        acts in proptest::collection::vec((0..5_u8, 0..150_u64), 0..20)
    ) {
        let mut progress = Progress::begin_at(at(0), LENGTH).unwrap();
        let mut now = at(0);
        let mut is_drawn = false;
        for (act, wait) in acts {
            now = now.checked_add(Seconds(wait)).unwrap();
            let here = progress.advance_to(now, LENGTH).unwrap();
            let next = match act {
                0 if !is_drawn => here.start_seating(now, LENGTH),
                1 if is_drawn => here.take_seat(),
                2 => here.add_commitment(now, LENGTH),
                3 => here.open_trace(now, LENGTH),
                4 => here.add_reveal(),
                _ => Err(PhaseError::WrongPhase),
            };
            is_drawn |= act == 0 && next.is_ok();
            if let Ok(next) = next {
                prop_assert!(next.revealed <= next.committed && next.committed <= next.seats);
                prop_assert!(next.seats <= 3);
                progress = next;
            }
        }
        let end = progress.advance_to(at(501).max(now), LENGTH).unwrap();
        prop_assert!(end.phase == Over, "{end:?}");
    }

    /// Looking at a dispute in between changes nothing.
    #[test]
    fn clocks_do_not_depend_on_who_looks(
        phase in 0..2_u8, seats in 0..=3_u8, committed in 0..=3_u8, first in 0..600_i64,
        second in 0..600_i64,
    ) {
        let phase = Phase::from_byte(phase).unwrap();
        let committed = if phase == Seating { 0 } else { committed.min(seats) };
        let from = progress(phase, seats, committed, 0);
        let (first, second) = (first.min(second) + 900, first.max(second) + 900);
        let direct = from.advance_to(at(second), LENGTH).unwrap();
        let twice = from.advance_to(at(first), LENGTH).unwrap().advance_to(at(second), LENGTH);
        prop_assert_eq!(twice, Ok(direct));
    }
}

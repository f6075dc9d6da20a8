//! Tests of when a node's turn comes, and of what it reads.

use nosana_protocol::dispute::votes::Verdict;

use super::*;
use crate::zeroed_accounts::{zeroed_dispute, zeroed_job, zeroed_node};

const NODE: Address = Address::new_from_array([7; 32]);
const NOW: UnixTimestamp = UnixTimestamp(1_000);

fn dispute(phase: Phase) -> Dispute {
    Dispute {
        phase: phase as u8,
        ends_at: 1_100,
        drawn_at: 980,
        phase_seconds: 120,
        ..zeroed_dispute()
    }
}

fn seated(phase: Phase, state: SeatState) -> Dispute {
    let mut dispute = Dispute { seats_taken: 1, ..dispute(phase) };
    dispute.seats[0].node = NODE;
    dispute.seats[0].state = state as u8;
    dispute.seats[0].verdict = Verdict::None as u8;
    dispute
}

#[test]
fn a_panelist_judges_commits_and_reveals() {
    let act = |dispute: &Dispute, has_ballot| find_act(dispute, &NODE, has_ballot, NOW).unwrap();
    assert_eq!(act(&dispute(Phase::Seating), false), Some(Act::Seek));
    assert_eq!(act(&dispute(Phase::Committing), false), None, "the panel is complete");
    let claimed = |phase| seated(phase, SeatState::Claimed);
    for phase in [Phase::Seating, Phase::Committing] {
        assert_eq!(act(&claimed(phase), false), Some(Act::Judge));
        assert_eq!(act(&seated(phase, SeatState::Committed), true), None);
    }
    assert_eq!(act(&claimed(Phase::Seating), true), None, "it may lose the seat");
    assert_eq!(act(&claimed(Phase::Committing), true), Some(Act::Commit));
    let committed = |phase| seated(phase, SeatState::Committed);
    assert_eq!(act(&committed(Phase::Opening), true), None);
    assert_eq!(act(&committed(Phase::Voting), true), Some(Act::Reveal));
    assert_eq!(act(&committed(Phase::Voting), false), None, "the vote is lost");
    assert_eq!(act(&committed(Phase::Over), true), None);
}

#[test]
fn a_panelist_stays_until_it_has_revealed() {
    let engaged = |phase, state| is_engaged(&seated(phase, state), &NODE, NOW).unwrap();
    assert!(engaged(Phase::Committing, SeatState::Claimed));
    assert!(!engaged(Phase::Opening, SeatState::Claimed), "too late to commit");
    assert!(engaged(Phase::Opening, SeatState::Committed));
    assert!(engaged(Phase::Voting, SeatState::Committed));
    assert!(!engaged(Phase::Voting, SeatState::Revealed));
    assert!(!engaged(Phase::Over, SeatState::Committed));
    assert!(!is_engaged(&dispute(Phase::Seating), &NODE, NOW).unwrap());
}

#[test]
fn who_has_no_seat_after_seating_needs_no_case() {
    let needs = |dispute: &Dispute| needs_case(dispute, &NODE, NOW).unwrap();
    assert!(needs(&dispute(Phase::Seating)) && needs(&seated(Phase::Seating, SeatState::Claimed)));
    assert!(needs(&seated(Phase::Committing, SeatState::Claimed)));
    assert!(!needs(&dispute(Phase::Committing)), "others have the seats");
    assert!(!needs(&seated(Phase::Committing, SeatState::Committed)));
    assert!(!needs(&seated(Phase::Voting, SeatState::Committed)));
    let late = Dispute { seats_taken: 1, ..dispute(Phase::Seating) };
    assert!(!needs_case(&late, &NODE, UnixTimestamp(1_101)).unwrap(), "its clock has run out");
}

#[test]
fn a_seat_uses_collateral_until_it_is_closed() {
    let has_seat = |state| has_open_seat(&seated(Phase::Resolved, state), &NODE);
    assert!(has_seat(SeatState::Claimed) && has_seat(SeatState::Revealed));
    assert!(!has_seat(SeatState::Closed) && !has_seat(SeatState::Empty));
}

#[test]
fn a_turn_comes_by_the_protocols_score() {
    let drawn = Dispute { seed: [9; 32], ..dispute(Phase::Seating) };
    let turn = |weight, now| has_turn(&drawn, &NODE, weight, UnixTimestamp(now)).unwrap();
    let weight = 4_000_000_000;
    let first = (980..1_200).find(|now| turn(weight, *now)).unwrap();
    assert!((980..=1_055).contains(&first), "{first}");
    assert!(turn(weight * 1_000, first - 20), "more weight comes earlier");
    assert!(!turn(0, 1_200));
    let crowded = Dispute { panel_weight: u64::MAX, ..drawn };
    assert!(!has_turn(&crowded, &NODE, weight, UnixTimestamp(1_200)).unwrap(), "no candidate");
    let mut lower = drawn;
    lower.seats.iter_mut().for_each(|seat| seat.state = SeatState::Claimed as u8);
    assert!(!has_turn(&lower, &NODE, weight, UnixTimestamp(1_200)).unwrap());
    let undrawn = Dispute { drawn_at: 0, ..drawn };
    assert!(!has_turn(&undrawn, &NODE, u64::MAX, NOW).unwrap());
}

#[test]
fn parties_take_no_seat() {
    let dispute = dispute(Phase::Seating);
    let [owner, other] = [[1; 32], [2; 32]].map(Address::new_from_array);
    let node = Node { authority: owner, payout: other, ..zeroed_node() };
    let party = |dispute: &Dispute, job: &Job| is_party(&NODE, &node, dispute, job);
    assert!(!party(&dispute, &zeroed_job()));
    assert!(party(&Dispute { node: NODE, ..dispute }, &zeroed_job()));
    assert!(party(&Dispute { challenger: owner, ..dispute }, &zeroed_job()));
    assert!(party(&dispute, &Job { client: owner, ..zeroed_job() }));
}

#[test]
fn an_account_from_before_the_result_is_not_judged() {
    let dispute = Dispute { attempt_id: 7, ..dispute(Phase::Seating) };
    let job = Job { attempt_id: 7, result: [1; 32], ..zeroed_job() };
    let has_result = |job: &Job| has_disputed_result(&dispute, job);
    assert!(has_result(&job));
    assert!(!has_result(&Job { attempt_id: 6, ..job }), "of an earlier attempt");
    assert!(!has_result(&Job { attempt_id: 8, ..job }));
    assert!(!has_result(&Job { result: NO_RESULT, ..job }), "the attempt still runs there");
}

#[test]
fn nothing_is_fetched_for_a_seat_that_cannot_be_had() {
    let drawn = Dispute { seed: [9; 32], ..dispute(Phase::Seating) };
    let weight = 4_000_000_000;
    let can = |dispute: &Dispute| is_drawn(dispute, &NODE, weight).unwrap();
    assert!(can(&drawn), "before its turn, too");
    assert!(!can(&Dispute { drawn_at: 0, ..drawn }));
    assert!(!can(&Dispute { panel_weight: u64::MAX, ..drawn }), "no candidate");
    let mut full = drawn;
    full.seats.iter_mut().for_each(|seat| seat.state = SeatState::Claimed as u8);
    assert!(!can(&full), "lower scores have the seats");
    full.seats[1].score = u64::MAX;
    assert!(can(&full));
}

#[test]
fn a_panelist_waits_for_a_result_and_keeps_the_time_for_its_work() {
    let [claimed, committing] =
        [Phase::Seating, Phase::Committing].map(|phase| seated(phase, SeatState::Claimed));
    let wait = |dispute: &Dispute, now, took| {
        let took = Some(Duration::from_secs(took));
        patience(dispute, UnixTimestamp(now), took).unwrap().0
    };
    assert_eq!(wait(&claimed, 1_000, 0), 100 + 120 - 30, "at least a quarter");
    assert_eq!(wait(&committing, 1_000, 0), 100 - 30);
    assert_eq!(wait(&committing, 1_090, 0), 0);
    assert_eq!(wait(&committing, 1_000, 14), 100 - (2 * 15 + 20));
    assert_eq!(time_left(&claimed, UnixTimestamp(1_000)), Ok(Seconds(100 + 120 - 20)));
    assert_eq!(time_left(&committing, UnixTimestamp(1_000)), Ok(Seconds(100 - 20)));
}

#[test]
fn a_panelist_that_starts_late_reads_before_it_accuses() {
    let [claimed, committing] =
        [Phase::Seating, Phase::Committing].map(|phase| seated(phase, SeatState::Claimed));
    let wait = |dispute: &Dispute, now, took: Option<u64>| {
        patience(dispute, UnixTimestamp(now), took.map(Duration::from_secs)).unwrap()
    };
    // It does not know what the work takes: 34 s at most, twice, and a commitment.
    assert_eq!(wait(&claimed, 1_000, None), Seconds(100 + 120 - 90));
    assert_eq!(wait(&committing, 985, None), Seconds(30), "not 25");
    assert_eq!(wait(&committing, 1_030, None), Seconds(25), "half of 50");
    assert_eq!(wait(&committing, 1_045, Some(34)), Seconds(17), "half of 35");

    let shows_nothing = |now| wait(&committing, now, Some(0)) < LEAST_READING;
    assert!(!shows_nothing(1_060) && shows_nothing(1_061));
}

#[test]
fn work_that_cannot_be_done_in_time_is_left_to_others() {
    let has_time = |took| has_time(&dispute(Phase::Seating), Duration::from_secs(took));
    assert!(has_time(0) && has_time(34));
    assert!(!has_time(35), "twice the time, and a commitment, in three quarters of a phase");
    assert!(!has_time(u64::MAX));

    for phase_seconds in [120, 121, 122, 123, 600, 86_400] {
        let dispute = Dispute { phase_seconds, ..dispute(Phase::Seating) };
        let refused = refused_time(&dispute);
        assert!(!super::has_time(&dispute, refused), "{phase_seconds}");
        let shorter = refused.saturating_sub(Duration::from_nanos(1));
        assert!(super::has_time(&dispute, shorter), "{phase_seconds}");
    }
}

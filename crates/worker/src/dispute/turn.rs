//! What a node has to do in a dispute, by the dispute's account.

use std::time::Duration;

use nosana_client::jobs::accounts::{Dispute, Job, Node};
use nosana_job_spec::Digest;
use nosana_protocol::{
    Overflow,
    dispute::{
        phase::Phase,
        seats::{find_seat, is_candidate, score_parts, score_threshold, seat_score},
        votes::SeatState,
    },
    reputation::is_self_dealing,
    units::{Seconds, UnixTimestamp},
};
use solana_address::Address;

/// The least part of a phase that is kept for computing and committing, once a result cannot be had.
const RESERVE_DIVISOR: u64 = 4;
/// How many times the measured time is kept for computing: devices also do other work.
const WORK_FACTOR: u64 = 2;
/// The seconds that are kept for the commitment.
const COMMIT_SECONDS: u64 = 20;
/// The seconds in which a result is read in any case, as far as there are so many: a panelist that
/// has just started has not tried before.
const FIRST_READING_SECONDS: u64 = 30;
/// The shortest time to read a result which shows that nobody delivers it.
pub(super) const LEAST_READING: Seconds = Seconds(10);

/// The result of a job whose account has none.
const NO_RESULT: [u8; 32] = [0; 32];

/// What a node has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Prepare to take a seat, and take it once the node's turn has come.
    Seek,
    /// Judge the result.
    Judge,
    /// Commit to the vote.
    Commit,
    /// Reveal the vote.
    Reveal,
}

/// Returns what `node` has to do at `now`. `has_ballot`: whether it has judged.
pub(super) fn find_act(
    dispute: &Dispute,
    node: &Address,
    has_ballot: bool,
    now: UnixTimestamp,
) -> Result<Option<Act>, Overflow> {
    let phase = dispute.progress_at(now)?.phase;
    let seat = dispute.find_seat(node).and_then(|seat| SeatState::from_byte(seat.state));

    Ok(match (phase, seat) {
        (Phase::Seating, None) => Some(Act::Seek),
        // Another node may take the seat until the phase is over; the work begins before.
        (Phase::Seating, Some(SeatState::Claimed)) if !has_ballot => Some(Act::Judge),
        (Phase::Committing, Some(SeatState::Claimed)) => {
            Some(if has_ballot { Act::Commit } else { Act::Judge })
        }
        (Phase::Voting, Some(SeatState::Committed)) if has_ballot => Some(Act::Reveal),
        (
            Phase::Seating
            | Phase::Committing
            | Phase::Opening
            | Phase::Voting
            | Phase::Over
            | Phase::Resolved,
            _,
        ) => None,
    })
}

/// Returns whether `node` waits for a phase in which it has to act: it has a seat, and can still
/// lose collateral by being absent.
pub(super) fn is_engaged(
    dispute: &Dispute,
    node: &Address,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    let phase = dispute.progress_at(now)?.phase;
    let seat = dispute.find_seat(node).and_then(|seat| SeatState::from_byte(seat.state));

    Ok(match seat {
        Some(SeatState::Claimed) => matches!(phase, Phase::Seating | Phase::Committing),
        Some(SeatState::Committed) => !matches!(phase, Phase::Over | Phase::Resolved),
        Some(SeatState::Empty | SeatState::Revealed | SeatState::Closed) | None => false,
    })
}

/// Returns whether `node` can use the case of a dispute at `now`: seats can be taken, or it has one
/// and has not committed.
pub(super) fn needs_case(
    dispute: &Dispute,
    node: &Address,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    let seat = dispute.find_seat(node).and_then(|seat| SeatState::from_byte(seat.state));
    Ok(match dispute.progress_at(now)?.phase {
        Phase::Seating => true,
        Phase::Committing => seat == Some(SeatState::Claimed),
        Phase::Opening | Phase::Voting | Phase::Over | Phase::Resolved => false,
    })
}

/// Returns whether `node` has a seat whose collateral is in use.
pub(super) fn has_open_seat(dispute: &Dispute, node: &Address) -> bool {
    dispute.find_seat(node).is_some_and(|seat| seat.state != SeatState::Closed as u8)
}

/// Returns whether the job's account has the result that is disputed. Otherwise it is not the
/// latest one: until the dispute is resolved, the job keeps its attempt and the result.
pub(super) fn has_disputed_result(dispute: &Dispute, job: &Job) -> bool {
    job.attempt_id == dispute.attempt_id && job.result != NO_RESULT
}

/// Returns whether the node is a party of the dispute, which takes no seat.
pub(super) fn is_party(address: &Address, node: &Node, dispute: &Dispute, job: &Job) -> bool {
    let is_challengers =
        node.authority == dispute.challenger || node.payout == dispute.challenger_token;
    let is_clients =
        is_self_dealing(&node.authority, &node.payout, &job.client, &job.payer, &job.payer_token);
    *address == dispute.node || is_challengers || is_clients
}

/// Returns whether a node of `weight` may take a seat at `now`: its turn has come, and a seat is free
/// or held with a higher score.
pub(super) fn has_turn(
    dispute: &Dispute,
    node: &Address,
    weight: u64,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    let Some(score) = find_score(dispute, node, weight)? else { return Ok(false) };
    let elapsed = now.seconds_since(UnixTimestamp(dispute.drawn_at));
    Ok(score <= score_threshold(elapsed)?)
}

/// Returns whether a node of `weight` can get a seat at all: it is a candidate of the draw, and a
/// seat is free or held with a higher score.
pub(super) fn is_drawn(dispute: &Dispute, node: &Address, weight: u64) -> Result<bool, Overflow> {
    Ok(find_score(dispute, node, weight)?.is_some())
}

/// Returns the score of a node that can get a seat.
pub(super) fn find_score(
    dispute: &Dispute,
    node: &Address,
    weight: u64,
) -> Result<Option<u64>, Overflow> {
    if dispute.drawn_at == 0 || weight == 0 {
        return Ok(None);
    }

    let digest = Digest::of(&score_parts(&dispute.seed, node.as_array()).concat());
    let score = seat_score(&digest.0, weight)?;
    let taken = dispute.seats.map(|seat| is_taken(seat.state).then_some(seat.score));
    let has_place = is_candidate(score, dispute.panel_weight) && find_seat(&taken, score).is_some();
    Ok(has_place.then_some(score))
}

fn is_taken(state: u8) -> bool {
    state != SeatState::Empty as u8
}

/// Returns whether a panelist can do work that took so long, even if the node of the result withholds
/// it for as long as anybody waits.
pub(super) fn has_time(dispute: &Dispute, took: Duration) -> bool {
    find_reserve(dispute, took) <= longest_reserve(dispute)
}

/// Returns the time from which on [`has_time`] refuses work.
pub(super) fn refused_time(dispute: &Dispute) -> Duration {
    let work = longest_reserve(dispute).0.saturating_sub(COMMIT_SECONDS);
    Duration::from_secs(work / WORK_FACTOR)
}

/// Returns for how long a panelist may compute at `now`: until its last phase for committing ends.
pub(super) fn time_left(dispute: &Dispute, now: UnixTimestamp) -> Result<Seconds, Overflow> {
    let ends = commit_end(dispute, now)?;
    Ok(Seconds(ends.seconds_since(now).0.saturating_sub(COMMIT_SECONDS)))
}

/// Returns for how long a panelist may wait at `now` for a result that cannot be had, if the work on
/// it took so long: until its reserve of the last phase for committing remains. Without a rehearsal,
/// after a restart, it keeps what the work for a seat takes at most. Half of the time that is left
/// is for a first attempt, if that is short.
pub(super) fn patience(
    dispute: &Dispute,
    now: UnixTimestamp,
    took: Option<Duration>,
) -> Result<Seconds, Overflow> {
    let ends = commit_end(dispute, now)?;
    let reserve = took.map_or_else(|| longest_reserve(dispute), |work| find_reserve(dispute, work));
    let unreserved = ends.seconds_since(now).0.saturating_sub(reserve.0);

    let first = (time_left(dispute, now)?.0 / 2).min(FIRST_READING_SECONDS);
    Ok(Seconds(unreserved.max(first)))
}

/// The most that a panelist with a seat keeps for its work.
fn longest_reserve(dispute: &Dispute) -> Seconds {
    let length = u64::from(dispute.phase_seconds);
    Seconds(length - length / RESERVE_DIVISOR)
}

/// The time that a panelist keeps for work that took so long.
fn find_reserve(dispute: &Dispute, took: Duration) -> Seconds {
    let least = u64::from(dispute.phase_seconds) / RESERVE_DIVISOR;
    let work = took.as_secs().saturating_add(1).saturating_mul(WORK_FACTOR);
    Seconds(work.saturating_add(COMMIT_SECONDS).max(least))
}

/// Returns the last second in which a panelist can commit, unless all others do so earlier.
fn commit_end(dispute: &Dispute, now: UnixTimestamp) -> Result<UnixTimestamp, Overflow> {
    let progress = dispute.progress_at(now)?;
    match progress.phase {
        Phase::Seating => progress.ends.checked_add(Seconds(dispute.phase_seconds.into())),
        Phase::Committing | Phase::Opening | Phase::Voting | Phase::Over | Phase::Resolved => {
            Ok(progress.ends)
        }
    }
}

#[cfg(test)]
mod tests {
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
        let act =
            |dispute: &Dispute, has_ballot| find_act(dispute, &NODE, has_ballot, NOW).unwrap();
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
        assert!(
            needs(&dispute(Phase::Seating)) && needs(&seated(Phase::Seating, SeatState::Claimed))
        );
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
}

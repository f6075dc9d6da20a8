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

/// Returns whether panelists read the result in this phase.
pub(super) const fn is_reading(phase: Phase) -> bool {
    match phase {
        Phase::Seating | Phase::Committing => true,
        Phase::Opening | Phase::Voting | Phase::Over | Phase::Resolved => false,
    }
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
mod tests;

//! Doing the work on a case before a seat is taken. A panelist that cannot do it in time loses
//! collateral, and nobody can see from a dispute how much work it is.
//!
//! A draw has some nine candidates for three seats, and their turns come within seconds of each
//! other, sooner than most work is done. So those whom others precede let these do the work first,
//! and do it themselves if seats are left. A lower score takes the seat of a higher one until
//! seating ends, so the wait costs no seat, unless models load slowly and the work is long.
//!
//! The wait does not depend on how long the disputed run took: its node chooses that, and a result
//! that nobody computed can come at once.

use std::time::Instant;

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::{Dispute, Node};
use nosana_protocol::{
    Overflow,
    dispute::{
        PANEL_SEATS,
        seats::{CANDIDATES, score_threshold},
    },
    units::{Seconds, UnixTimestamp},
};
use nosana_sandbox::CancelToken;
use solana_address::Address;

use super::{
    case::{Case, Rehearsal},
    turn::{find_score, refused_time},
};
use crate::{
    execute::{Claim, Precedence},
    worker::Worker,
};

/// The part of a phase after which every candidate begins. A seat is taken only if the work takes
/// less than three eighths of a phase ([`has_time`](super::turn::has_time)), and a rehearsal does
/// it twice at most: a candidate that begins by then is in time, with 22 s to load models, see its
/// turn and claim.
const LONGEST_WAIT_DIVISOR: u32 = 4;

impl Worker {
    /// Whether it is time for this node, whose account is `node`, to try the work of a dispute.
    pub(super) fn may_rehearse(&self, dispute: &Dispute, node: &Node, now: UnixTimestamp) -> bool {
        is_due(dispute, &self.node, node.panel_weight, now).unwrap_or(false)
    }

    /// Does the work as if the answers were as long as they can be. Waits for a device behind this
    /// node's own jobs: without a seat, it loses nothing. Gives up `until` then, and when it is
    /// cancelled. Returns `None` once the work has taken too long for a seat: a stranger could
    /// choose work that keeps a device for the whole phase.
    ///
    /// # Errors
    /// If this node cannot do the work, or not until then.
    pub(super) async fn rehearse_case(
        &self,
        case: &Case,
        dispute: &Dispute,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<Option<Rehearsal>> {
        let order = Precedence::InOrder;
        let inputs = match case.depends_on_claim() {
            true => Some(self.sketch_inputs(case, order, cancel.ending_at(until)).await?),
            // With any result, the sketch is the same.
            false => None,
        };

        // The time in which a device is busy with this node's own jobs counts, too.
        let begun = Instant::now();
        let refused_at = begun + refused_time(dispute);
        let limited = cancel.ending_at(until.min(refused_at));
        let claim = Claim::longest(&case.definition);
        let longest = self.examine_case(case, claim, order, limited).await;

        let ended = Instant::now();
        if ended >= refused_at {
            return Ok(None);
        }
        let longest = longest?;
        ensure!(ended < until, "the work takes too long");
        let input_sketch = inputs.unwrap_or(longest.sketch);
        Ok(Some(Rehearsal { took: ended - begun, input_sketch }))
    }
}

/// Returns whether a node of `weight` may try the work at `now`: it can get a seat, and is one of
/// the first candidates, or has waited for them since its turn came, or must not wait any longer.
fn is_due(
    dispute: &Dispute,
    node: &Address,
    weight: u64,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    let Some(score) = find_score(dispute, node, weight)? else { return Ok(false) };
    let elapsed = now.seconds_since(UnixTimestamp(dispute.drawn_at));
    let longest = Seconds((dispute.phase_seconds / LONGEST_WAIT_DIVISOR).into());

    let wait = find_wait(score, dispute.panel_weight, longest);
    if wait == Seconds(0) || elapsed >= longest {
        return Ok(true);
    }
    let turn_by = score_threshold(elapsed.without(wait))?;
    Ok(elapsed >= wait && score <= turn_by)
}

/// Returns for how long a candidate lets those with lower scores do the work. As many of them are
/// expected as its score times the weight of all, divided by 2^63: for a candidate, nine at most.
/// With up to three, it does not wait; with nine, it waits longest.
fn find_wait(score: u64, total_weight: u64, longest: Seconds) -> Seconds {
    let lower = u128::from(score).saturating_mul(total_weight.into());
    let seats = (PANEL_SEATS as u128) << 63;
    let others = (u128::from(CANDIDATES) << 63).saturating_sub(seats).max(1);

    let beyond = lower.saturating_sub(seats).min(others);
    let seconds = beyond.saturating_mul(longest.0.into()) / others;
    Seconds(u64::try_from(seconds).unwrap_or(longest.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nosana_job_spec::Digest;
    use nosana_protocol::dispute::{phase::Phase, votes::SeatState};

    use super::{
        super::turn::{has_time, has_turn},
        *,
    };
    use crate::zeroed_accounts::zeroed_dispute;

    const NODE: Address = Address::new_from_array([7; 32]);
    const WEIGHT: u64 = 4_000_000_000_000;
    const DRAWN: i64 = 1_000;
    /// From the end of the work until others see the seat.
    const CLAIM_SECONDS: i64 = 4;
    const DRAWS: u32 = 100;

    fn drawn(phase_seconds: u32) -> Dispute {
        Dispute {
            phase: Phase::Seating as u8,
            phase_seconds,
            seed: [9; 32],
            drawn_at: DRAWN,
            ends_at: DRAWN + i64::from(phase_seconds),
            ..zeroed_dispute()
        }
    }

    /// A dispute in which so many lower scores than the node's are expected.
    fn preceded_by(lower: u64, phase_seconds: u32) -> Dispute {
        let dispute = drawn(phase_seconds);
        let score = find_score(&dispute, &NODE, WEIGHT).unwrap().unwrap();
        let panel_weight = (u128::from(lower) << 63) / u128::from(score);
        Dispute { panel_weight: panel_weight.try_into().unwrap(), ..dispute }
    }

    fn is_due_after(dispute: &Dispute, node: &Address, seconds: i64) -> bool {
        is_due(dispute, node, WEIGHT, UnixTimestamp(DRAWN + seconds)).unwrap()
    }

    /// The seconds from the draw until the node tries the work, and until its turn.
    fn find_times(dispute: &Dispute, node: &Address) -> (i64, i64) {
        let seconds = || 0..=i64::from(dispute.phase_seconds);
        let due = seconds().find(|after| is_due_after(dispute, node, *after)).unwrap();
        assert!((due..300).all(|after| is_due_after(dispute, node, after)), "it stays due");
        let is_turn =
            |after: &i64| has_turn(dispute, node, WEIGHT, UnixTimestamp(DRAWN + after)).unwrap();
        (due, seconds().find(is_turn).unwrap())
    }

    /// A candidate: the times at which it tries the work and gets its turn, and its score.
    type Candidate = ((i64, i64), u64);

    /// The candidates of draws of forty nodes.
    fn list_draws() -> Vec<Vec<Candidate>> {
        let list_candidates = |draw: u32| {
            let seed = Digest::of(&draw.to_le_bytes()).0;
            let dispute = Dispute { seed, panel_weight: 40 * WEIGHT, ..drawn(600) };
            let find_candidate = |index: u8| {
                let node = Address::new_from_array([index; 32]);
                let score = find_score(&dispute, &node, WEIGHT).unwrap()?;
                Some((find_times(&dispute, &node), score))
            };
            let mut candidates: Vec<Candidate> = (0..40).filter_map(find_candidate).collect();
            candidates.sort_unstable();
            candidates
        };
        (0..DRAWS).map(list_candidates).collect()
    }

    /// How many candidates of a draw work without pay, on average, if all of them come and the work
    /// takes so long.
    fn count_unpaid(draws: &[Vec<Candidate>], took: i64) -> f64 {
        let mut unpaid = 0;
        for candidates in draws {
            let mut claims: Vec<(i64, u64)> = Vec::new();
            for ((due, turn), score) in candidates {
                let lower = claims.iter().filter(|(at, held)| at <= due && held < score);
                if lower.count() < PANEL_SEATS {
                    claims.push(((*turn).max(due + took) + CLAIM_SECONDS, *score));
                }
            }
            unpaid += claims.len().saturating_sub(PANEL_SEATS);
        }
        unpaid as f64 / f64::from(DRAWS)
    }

    #[test]
    fn the_first_candidates_do_not_wait() {
        for lower in 0..=3 {
            let (due, turn) = find_times(&preceded_by(lower, 600), &NODE);
            assert_eq!(due, 0, "{lower}");
            assert!(turn > 20, "before its turn, at {turn}");
        }
    }

    #[test]
    fn others_wait_from_their_turn_on_for_those_before_them() {
        for (lower, wait) in [(4, 25), (5, 50), (6, 75), (7, 100)] {
            let (due, turn) = find_times(&preceded_by(lower, 600), &NODE);
            // The weight is rounded down.
            assert!((turn + wait - 1..=turn + wait).contains(&due), "{lower}: {due}, {turn}");
        }
        assert_eq!(
            find_times(&preceded_by(9, 600), &NODE).0,
            150,
            "a quarter of the phase at most"
        );
        let (due, turn) = find_times(&preceded_by(9, 100), &NODE);
        assert!(due == 25 && turn > due, "also before its turn");
    }

    #[test]
    fn the_wait_grows_with_the_score() {
        let wait = |lower: u64| find_wait(1 << 20, lower << 43, Seconds(600)).0;
        assert_eq!([0, 3, 4, 6, 9, 10].map(wait), [0, 0, 100, 300, 600, 600]);
        assert_eq!(find_wait(u64::MAX, u64::MAX, Seconds(21_600)), Seconds(21_600));
    }

    #[test]
    fn nobody_works_for_a_panel_of_lower_scores() {
        let mut full = preceded_by(6, 600);
        full.seats.iter_mut().for_each(|seat| seat.state = SeatState::Claimed as u8);
        assert!((0..1_000).all(|after| !is_due_after(&full, &NODE, after)));
        full.seats[1].score = u64::MAX;
        assert!(is_due_after(&full, &NODE, 150), "it can take the seat of a higher one");

        let first = preceded_by(1, 600);
        assert!(!is_due_after(&Dispute { drawn_at: 0, ..first }, &NODE, 0));
        let crowded = Dispute { panel_weight: u64::MAX, ..first };
        assert!(!is_due_after(&crowded, &NODE, 600), "no candidate");
    }

    /// As "Choosing terms" in docs/verification.md says.
    #[test]
    fn short_work_is_rarely_done_without_pay() {
        let draws = list_draws();
        let expected = [(6, 0.9), (30, 1.5), (60, 2.7), (120, 4.9), (200, 6.0)];
        for (took, expected) in expected {
            let unpaid = count_unpaid(&draws, took);
            assert!((unpaid - expected).abs() < 0.4, "{took} s: {unpaid}");
        }
    }

    #[test]
    fn who_waits_longest_ends_its_work_while_seats_are_taken() {
        for phase_seconds in [120, 600, 86_400] {
            let dispute = drawn(phase_seconds);
            let phase = u64::from(phase_seconds);
            let is_feasible = |took: &u64| has_time(&dispute, Duration::from_secs(*took));
            let longest = (0..phase).rev().find(is_feasible).unwrap();
            let wait = u64::from(phase_seconds / LONGEST_WAIT_DIVISOR);
            assert!(longest * 4 > phase, "{longest}");
            assert!(wait + 2 * longest < phase, "{longest}");
        }
    }
}

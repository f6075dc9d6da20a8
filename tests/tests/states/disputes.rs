//! What every instruction does to a dispute in every situation.

use nosana_tests::Refusal;

use crate::{
    dispute_calls::Call,
    dispute_fixture::{
        DisputeFixture,
        Outcome::{self, Absent, Closes, Is, No},
        Situation,
    },
    dispute_outcomes::{EARLY, EARLY_OUTCOMES, LATE, LATE_OUTCOMES},
};

impl Situation {
    /// What every instruction does here.
    pub fn outcomes(self) -> impl Iterator<Item = (Call, Outcome)> {
        let row = |table: &[(Self, [Outcome; 4])]| {
            table.iter().find(|(of, _)| *of == self).expect("every situation has a row").1
        };

        let early = EARLY.into_iter().zip(row(&EARLY_OUTCOMES));
        early.chain(LATE.into_iter().zip(row(&LATE_OUTCOMES)))
    }

    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check_outcomes(self) {
        let unchanged = DisputeFixture::new(self).await;
        for (call, outcome) in self.outcomes() {
            let refusal: Refusal = match outcome {
                No(error) => error.into(),
                Absent => Refusal::too_small(),
                Is(_) | Closes => {
                    let fixture = DisputeFixture::new(self).await;
                    fixture.expect_outcome(call.sign(&fixture).await, outcome).await;
                    continue;
                }
            };
            let signed = call.sign(&unchanged).await;
            signed.expect_refusal(&unchanged.world, self, refusal).await;
        }
    }
}

situations! {
    23,
    undisputed: Undisputed,
    undrawn: Undrawn,
    undrawn_for_too_long: UndrawnTooLong,
    drawn: Drawn,
    drawn_for_too_long: DrawnTooLong,
    seated: Seated,
    committing: Commits,
    committing_after_the_caller: CallerCommitted,
    committing_but_for_the_caller: OthersCommitted,
    nobody_has_committed: NoneCommitted,
    opening: AllCommitted,
    opening_after_one_commitment: OneCommitted,
    not_opened: NotOpened,
    voting: Votes,
    voting_after_the_caller: CallerRevealed,
    voting_but_for_the_caller: OthersRevealed,
    nobody_has_revealed: NoneRevealed,
    over: AllRevealed,
    resolved: Resolved,
    resolved_with_the_seat_of_a_loser: LoserOpen,
    resolved_without_the_seat_of_the_caller: CallerClosed,
    resolved_without_seats: AllClosed,
    closed: Closed,
}

/// Every call succeeds in some situation, and only in those of its phase.
#[test]
fn a_call_succeeds_in_its_phase_only() {
    for call in EARLY.into_iter().chain(LATE) {
        let succeeds = |situation: &Situation| {
            let mut outcomes = situation.outcomes();
            let outcome = outcomes.find(|(of, _)| *of == call).expect("every call has a column").1;
            matches!(outcome, Is(_) | Closes)
        };
        let here: Vec<Situation> = SITUATIONS.into_iter().filter(succeeds).collect();
        assert!(!here.is_empty(), "{call:?} never succeeds");
        for situation in here {
            assert_eq!(situation.phase(), Some(call.phase()), "{situation:?}, {call:?}");
        }
    }
}

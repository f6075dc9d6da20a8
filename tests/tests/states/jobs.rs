//! What every instruction does to a job in every situation.

use nosana_tests::Refusal;

use crate::{
    job_calls::Call,
    job_fixture::{
        JobFixture,
        Outcome::{self, Absent, No, Taken, Undisputed},
        Situation,
    },
    job_outcomes::{ANYONE, BY_ANYONE, BY_CLIENT, BY_CLOCKS, BY_NODE, CLIENT, CLOCKS, NODE},
};

impl Situation {
    /// What every instruction does here.
    pub fn outcomes(self) -> Vec<(Call, Outcome)> {
        fn of<const N: usize>(
            situation: Situation,
            calls: [Call; N],
            table: &[(Situation, [Outcome; N])],
        ) -> impl Iterator<Item = (Call, Outcome)> {
            let row =
                table.iter().find(|(of, _)| *of == situation).expect("every situation has a row").1;
            calls.into_iter().zip(row)
        }

        let mut row: Vec<(Call, Outcome)> = of(self, CLIENT, &BY_CLIENT).collect();
        row.extend(of(self, NODE, &BY_NODE));
        row.extend(of(self, CLOCKS, &BY_CLOCKS));
        row.extend(of(self, ANYONE, &BY_ANYONE));
        row
    }

    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check_outcomes(self) {
        let unchanged = JobFixture::new(self).await;
        for (call, outcome) in self.outcomes() {
            let refusal: Refusal = match outcome {
                No(error) => error.into(),
                Absent | Undisputed => Refusal::too_small(),
                Taken => Refusal::account_exists(),
                _ => {
                    let fixture = JobFixture::new(self).await;
                    fixture.expect_outcome(call.sign(&fixture), outcome).await;
                    continue;
                }
            };
            call.sign(&unchanged).expect_refusal(&unchanged.world, self, refusal).await;
        }
    }
}

situations! {
    22,
    queued: Listed,
    queued_for_too_long: ListedTooLong,
    claimed: Claimed,
    claimed_after_a_long_wait: ClaimedLate,
    claimed_for_too_long: ClaimedTooLong,
    matched: JustMatched,
    matched_for_too_long: MatchedTooLong,
    running: Works,
    silent: Silent,
    past_its_deadline: PastDeadline,
    a_running_service: Serves,
    a_silent_service: SilentService,
    a_service_at_its_end: ServiceOver,
    submitted: Challengeable,
    submitted_and_due: Due,
    submitted_and_verified: Disputable,
    disputed: Disputed,
    disputed_and_over: DisputeOver,
    settled: Kept,
    settled_and_owing: Owing,
    settled_and_done: Done,
    cleaned: Cleaned,
}

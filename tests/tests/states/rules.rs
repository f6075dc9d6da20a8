//! The tables against the protocol's rules and against the catalogue.

use nosana_protocol::job::{
    Action,
    State::{self, Challenged, Matched, Queued, Running, Settled, Submitted},
};
use nosana_tests::catalogue::{self, Suite};

use crate::{
    dispute_fixture::{self, DisputeFixture},
    dispute_outcomes, disputes,
    job_calls::Call,
    job_fixture::{JobFixture, Outcome, Situation},
    job_outcomes, jobs,
    node_fixture::NodeFixture,
    nodes,
};

/// The state that is stored in this situation; nothing once the account is gone.
fn stored_state(situation: Situation) -> Option<State> {
    match situation {
        Situation::Listed
        | Situation::ListedTooLong
        | Situation::Claimed
        | Situation::ClaimedLate
        | Situation::ClaimedTooLong => Some(Queued),
        Situation::JustMatched | Situation::MatchedTooLong => Some(Matched),
        Situation::Works | Situation::Silent | Situation::PastDeadline => Some(Running),
        Situation::Serves | Situation::SilentService | Situation::ServiceOver => Some(Running),
        Situation::Challengeable | Situation::Due | Situation::Disputable => Some(Submitted),
        Situation::Disputed | Situation::DisputeOver => Some(Challenged),
        Situation::Kept | Situation::Owing | Situation::Done => Some(Settled),
        Situation::Cleaned => None,
    }
}

#[test]
fn what_succeeds_is_what_the_protocol_allows() {
    for situation in jobs::SITUATIONS {
        for (call, outcome) in situation.outcomes() {
            let Some(before) = stored_state(situation) else {
                assert!(
                    matches!(outcome, Outcome::Absent),
                    "{situation:?}, {call:?}: nothing is done to no account"
                );
                continue;
            };

            let what = format!("{situation:?}, {call:?}: {outcome:?}");
            let allowed: Vec<State> = call
                .actions()
                .iter()
                .filter_map(|action| before.next_state(*action).ok())
                .collect();

            match outcome {
                Outcome::Is(after) => assert!(allowed.contains(&after), "{what}"),
                Outcome::Ends(_) if call == Call::Collect => assert_eq!(before, Settled, "{what}"),
                Outcome::Ends(_) => assert!(allowed.contains(&Settled), "{what}"),
                Outcome::Closes => assert_eq!((before, call), (Settled, Call::Clean), "{what}"),
                Outcome::No(_) | Outcome::Undisputed | Outcome::Taken => {}
                Outcome::Absent => panic!("{what}: the account is there"),
            }
        }
    }
}

/// Every action of the protocol occurs in some call, in every state in which it is allowed. `list`
/// and `assign` match the jobs that they make: they are not in the tables.
#[test]
fn what_the_protocol_allows_happens() {
    for before in [Queued, Matched, Running, Submitted, Challenged, Settled] {
        let here: Vec<(Call, Outcome)> = jobs::SITUATIONS
            .into_iter()
            .filter(|it| stored_state(*it) == Some(before))
            .flat_map(Situation::outcomes)
            .collect();
        for action in [
            Action::Start,
            Action::Extend,
            Action::Heartbeat,
            Action::Finish,
            Action::Requeue,
            Action::Cancel,
            Action::RequestCancel,
            Action::Stop,
            Action::Challenge,
            Action::RequestRejection,
            Action::Resolve,
        ] {
            let Ok(after) = before.next_state(action) else { continue };
            // A client who rejects a result and has the job requeued pays for both; the tables'
            // client has a sponsor. See `instructions/jobs/reject.rs`.
            if (before, action) == (Submitted, Action::Requeue) {
                continue;
            }

            let happens = here.iter().any(|(call, outcome)| {
                let leads = match outcome {
                    Outcome::Is(state) => *state == after,
                    Outcome::Ends(_) => after == Settled,
                    _ => false,
                };
                leads && call.actions().contains(&action)
            });
            assert!(happens, "{before:?}, {action:?}");
        }
    }
}

#[test]
fn every_situation_has_one_row() {
    let rows = jobs::SITUATIONS.map(|situation| {
        let rows = [
            job_outcomes::BY_CLIENT.iter().filter(|(of, _)| *of == situation).count(),
            job_outcomes::BY_NODE.iter().filter(|(of, _)| *of == situation).count(),
            job_outcomes::BY_CLOCKS.iter().filter(|(of, _)| *of == situation).count(),
            job_outcomes::BY_ANYONE.iter().filter(|(of, _)| *of == situation).count(),
        ];
        (rows, situation.outcomes().len())
    });
    assert!(rows.iter().all(|rows| *rows == ([1; 4], 19)));
    for situation in nodes::SITUATIONS {
        assert_eq!(
            nodes::BY_NODE.iter().filter(|(of, _)| *of == situation).count(),
            1,
            "{situation:?}"
        );
        assert_eq!(
            nodes::WITH_JOB.iter().filter(|(of, _)| *of == situation).count(),
            1,
            "{situation:?}"
        );
    }
    for situation in disputes::SITUATIONS {
        let early = dispute_outcomes::EARLY_OUTCOMES.iter().filter(|(of, _)| *of == situation);
        let late = dispute_outcomes::LATE_OUTCOMES.iter().filter(|(of, _)| *of == situation);
        assert_eq!([early.count(), late.count()], [1; 2], "{situation:?}");
    }
}

#[tokio::test]
async fn the_tables_have_every_instruction_of_the_catalogue() {
    let fixture = JobFixture::new(Situation::Listed).await;
    let by_parties = job_outcomes::CLIENT.into_iter().chain(job_outcomes::NODE);
    let calls = by_parties.chain(job_outcomes::CLOCKS).chain(job_outcomes::ANYONE);
    let entries: Vec<_> =
        calls.filter_map(|call| catalogue::identify(&call.sign(&fixture).instruction)).collect();
    catalogue::check(Suite::JobStates, entries);

    let fixture = NodeFixture::new(nodes::SITUATIONS[0]).await;
    let calls = nodes::NODE.into_iter().chain(nodes::JOB);
    let entries: Vec<_> =
        calls.filter_map(|call| catalogue::identify(&call.sign(&fixture).instruction)).collect();
    catalogue::check(Suite::NodeStates, entries);

    let fixture = DisputeFixture::new(dispute_fixture::Situation::Undrawn).await;
    let mut entries = Vec::new();
    for call in dispute_outcomes::EARLY.into_iter().chain(dispute_outcomes::LATE) {
        entries.extend(catalogue::identify(&call.sign(&fixture).await.instruction));
    }
    catalogue::check(Suite::DisputeStates, entries);
}

//! The tables against the pure rules: what the programs let happen is what the protocol says may
//! happen.

use nosana_protocol::job::{
    Action,
    State::{self, Matched, Queued, Running, Settled, Submitted},
};

use crate::{
    job_stage::Call,
    jobs::{self, Outcome, Situation},
    nodes,
};

/// The state that is stored in this situation; nothing once the account is gone.
fn stored(situation: Situation) -> Option<State> {
    match situation {
        Situation::InLine
        | Situation::InLineTooLong
        | Situation::Offered
        | Situation::OfferedLate
        | Situation::OfferedTooLong => Some(Queued),
        Situation::Met | Situation::MetTooLong => Some(Matched),
        Situation::Works | Situation::Silent | Situation::PastDeadline => Some(Running),
        Situation::Serves | Situation::SilentService | Situation::ServiceOver => Some(Running),
        Situation::Challengeable | Situation::Due => Some(Submitted),
        Situation::Kept | Situation::Owing | Situation::Done => Some(Settled),
        Situation::Cleaned => None,
    }
}

/// What an instruction may do to a job's state. Those that leave it alone do nothing.
const fn actions(call: Call) -> &'static [Action] {
    match call {
        Call::Cancel => &[Action::Cancel],
        Call::Extend | Call::TopUp => &[Action::Extend],
        Call::Stop => &[Action::Stop],
        Call::Start => &[Action::Start],
        Call::Heartbeat => &[Action::Heartbeat],
        Call::Finish => &[Action::Finish],
        Call::Quit | Call::ExpireMatch | Call::ExpireRun => &[Action::Requeue, Action::Settle],
        Call::ExpireQueued | Call::Settle | Call::Accept => &[Action::Settle],
        Call::Collect | Call::Clean => &[],
    }
}

#[test]
fn what_goes_through_is_what_the_protocol_allows() {
    for situation in jobs::SITUATIONS {
        for (call, outcome) in situation.row() {
            let Some(before) = stored(situation) else {
                assert!(
                    matches!(outcome, Outcome::Absent),
                    "{situation:?}, {call:?}: nothing is done to no account"
                );
                continue;
            };
            let what = format!("{situation:?}, {call:?}: {outcome:?}");
            let allowed: Vec<State> =
                actions(call).iter().filter_map(|action| before.next(*action).ok()).collect();
            match outcome {
                Outcome::Is(after) => assert!(allowed.contains(&after), "{what}"),
                Outcome::Ends(_) if call == Call::Collect => assert_eq!(before, Settled, "{what}"),
                Outcome::Ends(_) => assert!(allowed.contains(&Settled), "{what}"),
                Outcome::Closes => assert_eq!((before, call), (Settled, Call::Clean), "{what}"),
                Outcome::No(_) => {}
                Outcome::Absent => panic!("{what}: the account is there"),
            }
        }
    }
}

/// Every action of the protocol is met by some instruction in every state in which it is allowed.
/// Jobs meet their node by `list` and `assign`, which make them: no pair of the table does it.
#[test]
fn what_the_protocol_allows_happens() {
    for before in [Queued, Matched, Running, Submitted, Settled] {
        let here: Vec<(Call, Outcome)> = jobs::SITUATIONS
            .into_iter()
            .filter(|it| stored(*it) == Some(before))
            .flat_map(Situation::row)
            .collect();
        for action in [
            Action::Start,
            Action::Extend,
            Action::Heartbeat,
            Action::Finish,
            Action::Requeue,
            Action::Cancel,
            Action::Stop,
        ] {
            let Ok(after) = before.next(action) else { continue };
            let happens = here.iter().any(|(call, outcome)| {
                let leads = match outcome {
                    Outcome::Is(state) => *state == after,
                    Outcome::Ends(_) => after == Settled,
                    _ => false,
                };
                leads && actions(*call).contains(&action)
            });
            assert!(happens, "{before:?}, {action:?}");
        }
    }
}

#[test]
fn every_situation_has_one_row() {
    let rows = jobs::SITUATIONS.map(|situation| {
        let rows = [
            jobs::BY_CLIENT.iter().filter(|(of, _)| *of == situation).count(),
            jobs::BY_NODE.iter().filter(|(of, _)| *of == situation).count(),
            jobs::BY_ANYONE.iter().filter(|(of, _)| *of == situation).count(),
        ];
        (rows, situation.row().len())
    });
    assert!(rows.iter().all(|rows| *rows == ([1; 3], 15)));
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
}

use super::*;

const STATES: [State; 6] = [
    State::Queued,
    State::Matched,
    State::Running,
    State::Submitted,
    State::Challenged,
    State::Settled,
];
/// Each action with the states that it leads to, in the order of [`STATES`].
const TABLE: [(Action, [Option<State>; 6]); 13] = {
    use State::{Challenged, Matched, Queued, Running, Settled, Submitted};
    [
        (Action::Match, [Some(Matched), None, None, None, None, None]),
        (Action::Start, [Some(Running), Some(Running), None, None, None, None]),
        (Action::Extend, [Some(Queued), Some(Matched), Some(Running), None, None, None]),
        (Action::Heartbeat, [None, None, Some(Running), None, None, None]),
        (Action::Finish, [None, None, Some(Submitted), None, None, None]),
        (Action::Requeue, [Some(Queued), Some(Queued), Some(Queued), Some(Queued), None, None]),
        (Action::Cancel, [Some(Settled), None, None, None, None, None]),
        (Action::RequestCancel, [None, Some(Matched), None, None, None, None]),
        (Action::Stop, [Some(Settled), None, Some(Settled), None, None, None]),
        (Action::Settle, [Some(Settled), Some(Settled), Some(Settled), Some(Settled), None, None]),
        (Action::Challenge, [None, None, None, Some(Challenged), None, None]),
        (Action::RequestRejection, [None, None, None, None, Some(Challenged), None]),
        (Action::Resolve, [None, None, None, None, Some(Settled), None]),
    ]
};

#[test]
fn every_pair_of_state_and_action_is_decided() {
    for (action, results) in TABLE {
        for (state, expected) in STATES.into_iter().zip(results) {
            assert_eq!(
                state.next_state(action),
                expected.ok_or(WrongState),
                "{state:?} and {action:?}"
            );
        }
    }
}

#[test]
fn bytes_round_trip() {
    for state in STATES {
        assert_eq!(State::from_byte(state as u8), Some(state));
    }
    assert_eq!(State::from_byte(6), None);
    for byte in 0..=11 {
        assert_eq!(Reason::from_byte(byte).map(|reason| reason as u8), Some(byte));
    }
    assert_eq!(Reason::from_byte(12), None);
    for byte in 0..=12 {
        let cause = ReturnCause::from_byte(byte);
        assert_eq!(cause.map(|cause| cause as u8), Some(byte));
        assert_eq!(cause.map(ReturnCause::is_nodes_own), Some((1..=8).contains(&byte)));
        assert_eq!(cause.map(ReturnCause::is_absence), Some((9..=11).contains(&byte)));
    }
    assert_eq!(ReturnCause::from_byte(13), None);
    assert_eq!(Kind::from_byte(0), Some(Kind::Batch));
    assert_eq!(Kind::from_byte(1), Some(Kind::Service));
    assert_eq!(Kind::from_byte(2), Some(Kind::VerifiedBatch));
    assert_eq!(Kind::from_byte(3), None);
    let with_result = [Kind::Batch, Kind::Service, Kind::VerifiedBatch].map(Kind::has_result);
    assert_eq!(with_result, [true, false, true]);
}

#[test]
fn attempts_of_different_jobs_differ() {
    let at = |second, serial| first_attempt(UnixTimestamp(second), serial);
    assert!(at(1_800_000_000, 0) + 34 < at(1_800_000_000, 1));
    assert!(at(1_800_000_000, 0xffff) + 34 < at(1_800_000_001, 0));
    assert_eq!(at(1_800_000_000, 0x1_0002), at(1_800_000_000, 2));
}

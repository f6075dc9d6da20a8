//! The states of a job, and which follow which.

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Waits in the queue, or was taken from it by a node that has not started yet.
    Queued = 0,
    /// Met a waiting node as it was listed or queued again: that node may start it.
    Matched = 1,
    /// A node works on it.
    Running = 2,
    /// The node has committed to a result; the challenge window runs.
    Submitted = 3,
    /// A result is disputed. Reserved: no instruction leads here yet.
    Challenged = 4,
    /// All money is assigned. Final.
    Settled = 5,
}

/// Why a job was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// Not settled yet.
    None = 0,
    /// A batch job's result was accepted, or a service ran its whole time.
    Completed = 1,
    /// The client withdrew it before a node started.
    Cancelled = 2,
    /// The client stopped it.
    ClientStopped = 3,
    /// A service's node fell silent.
    HeartbeatLost = 4,
    /// A batch job had no result at its deadline.
    DeadlineExceeded = 5,
    /// It was queued again too often.
    AttemptsExhausted = 6,
    /// It waited in the queue for longer than its market lets a job wait.
    Expired = 7,
    /// It should have been queued again, and the queue had no place for it.
    Unplaceable = 8,
    /// The own stake behind a service's node fell below what it had to keep.
    BackingLost = 9,
}

/// What a job promises to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Delivers a result before its deadline, and is paid for the time until then.
    Batch = 0,
    /// Runs until its deadline, and is paid for the time its heartbeats prove.
    Service = 1,
}

/// How a job goes back to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// A node gave it back before it started: nothing is counted, and it goes last in line, so that
    /// a job which no node wants does not stay first. Its wait goes on: refusals do not prolong it.
    Refused,
    /// A node took it and failed: that counts as an attempt, and it goes first in line.
    Failed,
}

/// What happens to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A waiting node met the job as it was listed.
    Match,
    /// A node starts it.
    Start,
    /// Its client pays for more time.
    Extend,
    /// The node proves that it is alive.
    Heartbeat,
    /// The node commits to a result.
    Finish,
    /// It goes back to the queue.
    Requeue,
    /// The client withdraws it from the queue.
    Cancel,
    /// The client ends it after a node took it from the queue. One that met a waiting node is bound
    /// until the start: else a client could push nodes out of their places for nothing.
    Stop,
    /// Its last clock ran out.
    Settle,
}

/// The action does not apply in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongState;

impl State {
    /// The state that `action` leads to from this one.
    pub const fn next(self, action: Action) -> Result<Self, WrongState> {
        match (self, action) {
            (Self::Queued, Action::Match) => Ok(Self::Matched),
            (Self::Queued | Self::Matched, Action::Start) => Ok(Self::Running),
            (Self::Queued | Self::Matched | Self::Running, Action::Requeue) => Ok(Self::Queued),
            (Self::Queued | Self::Matched | Self::Running, Action::Extend) => Ok(self),
            (Self::Running, Action::Heartbeat) => Ok(Self::Running),
            (Self::Running, Action::Finish) => Ok(Self::Submitted),
            (Self::Queued, Action::Cancel) => Ok(Self::Settled),
            (Self::Queued | Self::Running, Action::Stop) => Ok(Self::Settled),
            (Self::Queued | Self::Matched | Self::Running | Self::Submitted, Action::Settle) => {
                Ok(Self::Settled)
            }
            _ => Err(WrongState),
        }
    }

    /// Reads the byte that an account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Queued),
            1 => Some(Self::Matched),
            2 => Some(Self::Running),
            3 => Some(Self::Submitted),
            4 => Some(Self::Challenged),
            5 => Some(Self::Settled),
            _ => None,
        }
    }
}

impl Reason {
    /// Reads the byte that an account or an event stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::None),
            1 => Some(Self::Completed),
            2 => Some(Self::Cancelled),
            3 => Some(Self::ClientStopped),
            4 => Some(Self::HeartbeatLost),
            5 => Some(Self::DeadlineExceeded),
            6 => Some(Self::AttemptsExhausted),
            7 => Some(Self::Expired),
            8 => Some(Self::Unplaceable),
            9 => Some(Self::BackingLost),
            _ => None,
        }
    }
}

impl Kind {
    /// Reads the byte that an account stores or a client sends.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Batch),
            1 => Some(Self::Service),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
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
    const TABLE: [(Action, [Option<State>; 6]); 9] = {
        use State::{Matched, Queued, Running, Settled, Submitted};
        [
            (Action::Match, [Some(Matched), None, None, None, None, None]),
            (Action::Start, [Some(Running), Some(Running), None, None, None, None]),
            (Action::Extend, [Some(Queued), Some(Matched), Some(Running), None, None, None]),
            (Action::Heartbeat, [None, None, Some(Running), None, None, None]),
            (Action::Finish, [None, None, Some(Submitted), None, None, None]),
            (Action::Requeue, [Some(Queued), Some(Queued), Some(Queued), None, None, None]),
            (Action::Cancel, [Some(Settled), None, None, None, None, None]),
            (Action::Stop, [Some(Settled), None, Some(Settled), None, None, None]),
            (
                Action::Settle,
                [Some(Settled), Some(Settled), Some(Settled), Some(Settled), None, None],
            ),
        ]
    };

    #[test]
    fn every_pair_of_state_and_action_is_decided() {
        for (action, results) in TABLE {
            for (state, expected) in STATES.into_iter().zip(results) {
                assert_eq!(
                    state.next(action),
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
        for byte in 0..=9 {
            assert_eq!(Reason::from_byte(byte).map(|reason| reason as u8), Some(byte));
        }
        assert_eq!(Reason::from_byte(10), None);
        assert_eq!(Kind::from_byte(0), Some(Kind::Batch));
        assert_eq!(Kind::from_byte(1), Some(Kind::Service));
        assert_eq!(Kind::from_byte(2), None);
    }
}

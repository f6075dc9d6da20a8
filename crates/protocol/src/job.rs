//! The states of a job, and the actions that lead from one to another.

/// The state of a job, as its account stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// The job waits in the queue, or a node took it from the queue and has not started it yet.
    Queued = 0,
    /// The job was matched with a waiting node when it was listed or requeued. That node may start
    /// it.
    Matched = 1,
    /// A node runs the job.
    Running = 2,
    /// The node has submitted a result digest; the challenge window is open.
    Submitted = 3,
    /// The result is disputed. Reserved: no instruction leads here yet.
    Challenged = 4,
    /// The escrow is allocated. Final.
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
    /// The client cancelled the job before a node started it.
    Cancelled = 2,
    /// The client stopped the job.
    ClientStopped = 3,
    /// A service's node missed its heartbeat.
    HeartbeatLost = 4,
    /// A batch job had no result at its deadline.
    DeadlineExceeded = 5,
    /// The job was requeued too often.
    AttemptsExhausted = 6,
    /// The job waited in the queue for longer than its queue clock.
    Expired = 7,
    /// The job should have been requeued, but the queue had no cell for it.
    Unplaceable = 8,
    /// The node's own stake behind a service fell below the xNOS that it had to keep.
    BackingLost = 9,
}

/// The kind of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Delivers a result before its deadline. The node is paid for the time until the result.
    Batch = 0,
    /// Runs for its whole timeout. The node is paid for the time that its heartbeats prove.
    Service = 1,
}

/// How a job goes back to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// A node gave the job back before the start. No attempt is counted, and the job goes to the
    /// back of the queue, so that a job which every node refuses does not stay first. Its queue
    /// clock keeps running.
    Refused,
    /// A node took the job and failed. An attempt is counted, and the job goes to the front of the
    /// queue.
    Failed,
}

/// An action that may change the state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The job is matched with a waiting node.
    Match,
    /// A node starts the job.
    Start,
    /// The client pays for more time.
    Extend,
    /// The node sends a heartbeat.
    Heartbeat,
    /// The node submits a result digest.
    Finish,
    /// The job returns to the queue.
    Requeue,
    /// The client removes the job from the queue.
    Cancel,
    /// The client ends the job after a node took it from the queue. A job that was matched with a
    /// waiting node cannot be stopped before the start: otherwise a client could push nodes out of
    /// the queue without cost.
    Stop,
    /// Its last clock has run out.
    Settle,
}

/// The action is not allowed in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongState;

impl State {
    /// Returns the state that `action` leads to from this one.
    pub const fn next_state(self, action: Action) -> Result<Self, WrongState> {
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
        for byte in 0..=9 {
            assert_eq!(Reason::from_byte(byte).map(|reason| reason as u8), Some(byte));
        }
        assert_eq!(Reason::from_byte(10), None);
        assert_eq!(Kind::from_byte(0), Some(Kind::Batch));
        assert_eq!(Kind::from_byte(1), Some(Kind::Service));
        assert_eq!(Kind::from_byte(2), None);
    }
}

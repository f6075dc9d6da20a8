//! The states of a job, and which follow which.

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Waits in the queue, or was taken from it by a node that has not started yet.
    Queued = 0,
    /// Was listed while a node waited: that node may start it.
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

/// What happens to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A waiting node met the job as it was listed.
    Match,
    /// A node starts it.
    Start,
    /// The node proves that it is alive.
    Heartbeat,
    /// The node commits to a result.
    Finish,
    /// It goes back to the queue.
    Requeue,
    /// The client withdraws it from the queue.
    Cancel,
    /// The client ends it after it was matched.
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
            (Self::Running, Action::Heartbeat) => Ok(Self::Running),
            (Self::Running, Action::Finish) => Ok(Self::Submitted),
            (Self::Queued, Action::Cancel) => Ok(Self::Settled),
            (Self::Matched | Self::Running, Action::Stop) => Ok(Self::Settled),
            (Self::Queued | Self::Matched | Self::Running | Self::Submitted, Action::Settle) => Ok(Self::Settled),
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

    const STATES: [State; 6] =
        [State::Queued, State::Matched, State::Running, State::Submitted, State::Challenged, State::Settled];
    const ACTIONS: [Action; 8] = [
        Action::Match,
        Action::Start,
        Action::Heartbeat,
        Action::Finish,
        Action::Requeue,
        Action::Cancel,
        Action::Stop,
        Action::Settle,
    ];

    #[test]
    fn bytes_round_trip() {
        for state in STATES {
            assert_eq!(State::from_byte(state as u8), Some(state));
        }
        assert_eq!(State::from_byte(6), None);
        for byte in 0..=6 {
            assert_eq!(Reason::from_byte(byte).map(|reason| reason as u8), Some(byte));
        }
        assert_eq!(Reason::from_byte(7), None);
        assert_eq!(Kind::from_byte(0), Some(Kind::Batch));
        assert_eq!(Kind::from_byte(1), Some(Kind::Service));
        assert_eq!(Kind::from_byte(2), None);
    }

    #[test]
    fn settled_is_final_and_reachable_from_every_open_state() {
        for action in ACTIONS {
            assert_eq!(State::Settled.next(action), Err(WrongState));
            assert_eq!(State::Challenged.next(action), Err(WrongState), "reserved");
        }
        for state in [State::Queued, State::Matched, State::Running, State::Submitted] {
            assert_eq!(state.next(Action::Settle), Ok(State::Settled));
        }
    }

    #[test]
    fn a_submitted_result_cannot_be_withdrawn() {
        for action in ACTIONS.into_iter().filter(|action| *action != Action::Settle) {
            assert_eq!(State::Submitted.next(action), Err(WrongState));
        }
    }
}

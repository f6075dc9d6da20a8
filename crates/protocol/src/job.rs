//! The states of a job, and the actions that lead from one to another.

use crate::units::UnixTimestamp;

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
    /// The result is disputed: see [`crate::dispute`].
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
    /// The client rejected the result in its challenge window, and no dispute decided otherwise.
    ResultRejected = 10,
    /// A panel found the result wrong, or the node did not show the work behind it.
    ResultWrong = 11,
}

/// Why a job returned to its queue, as the job and the event report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReturnCause {
    /// The job has not returned.
    None = 0,
    /// The node gave no reason.
    Unspecified = 1,
    /// The node could not get the definition, an input or a model.
    ContentUnavailable = 2,
    /// The node cannot read the definition.
    DefinitionInvalid = 3,
    /// The node lacks what the definition requires.
    Unsupported = 4,
    /// The node could not get a container image.
    ImageUnavailable = 5,
    /// The node has too little memory or disk left, or needs its devices otherwise.
    NodeBusy = 6,
    /// The owner stops the node.
    NodeStopping = 7,
    /// The node had a fault of its own.
    NodeFault = 8,
    /// The node did not start the job in time.
    NotStarted = 9,
    /// The node missed a heartbeat.
    HeartbeatLost = 10,
    /// The node's own stake fell below what the run needs.
    BackingLost = 11,
    /// The client rejected the result.
    ResultRejected = 12,
}

/// The kind of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Delivers a result before its deadline. The node is paid for the time until the result.
    Batch = 0,
    /// Runs for its whole timeout. The node is paid for the time that its heartbeats prove.
    Service = 1,
    /// A batch job whose result anyone may dispute: see [`crate::dispute`].
    VerifiedBatch = 2,
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
    /// The client rejected the result of a node. An attempt is counted, and the job goes to the
    /// front of the queue.
    Rejected,
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
    /// The client asks that a matched job is settled instead of requeued.
    RequestCancel,
    /// The client ends the job after a node took it from the queue. A job that was matched with a
    /// waiting node cannot be stopped before the start: otherwise a client could push nodes out of
    /// the queue without cost.
    Stop,
    /// Its last clock has run out.
    Settle,
    /// Somebody disputes the result.
    Challenge,
    /// The client rejects a disputed result, in case the dispute does not decide.
    RequestRejection,
    /// The dispute is over.
    Resolve,
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
            (Self::Queued | Self::Matched | Self::Running | Self::Submitted, Action::Requeue) => {
                Ok(Self::Queued)
            }
            (Self::Queued | Self::Matched | Self::Running, Action::Extend) => Ok(self),
            (Self::Running, Action::Heartbeat) => Ok(Self::Running),
            (Self::Running, Action::Finish) => Ok(Self::Submitted),
            (Self::Queued, Action::Cancel) => Ok(Self::Settled),
            (Self::Matched, Action::RequestCancel) => Ok(Self::Matched),
            (Self::Queued | Self::Running, Action::Stop) => Ok(Self::Settled),
            (Self::Queued | Self::Matched | Self::Running | Self::Submitted, Action::Settle) => {
                Ok(Self::Settled)
            }
            (Self::Submitted, Action::Challenge) => Ok(Self::Challenged),
            (Self::Challenged, Action::RequestRejection) => Ok(Self::Challenged),
            (Self::Challenged, Action::Resolve) => Ok(Self::Settled),
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
            10 => Some(Self::ResultRejected),
            11 => Some(Self::ResultWrong),
            _ => None,
        }
    }
}

impl ReturnCause {
    /// Reads the byte that an account or an event stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::None),
            1 => Some(Self::Unspecified),
            2 => Some(Self::ContentUnavailable),
            3 => Some(Self::DefinitionInvalid),
            4 => Some(Self::Unsupported),
            5 => Some(Self::ImageUnavailable),
            6 => Some(Self::NodeBusy),
            7 => Some(Self::NodeStopping),
            8 => Some(Self::NodeFault),
            9 => Some(Self::NotStarted),
            10 => Some(Self::HeartbeatLost),
            11 => Some(Self::BackingLost),
            12 => Some(Self::ResultRejected),
            _ => None,
        }
    }

    /// Returns true if a node may name this cause when it gives a job back.
    pub const fn is_nodes_own(self) -> bool {
        matches!(self as u8, 1..=8)
    }

    /// Returns true if the node was silent or lost its backing: it would not start the next jobs
    /// either.
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::NotStarted | Self::HeartbeatLost | Self::BackingLost)
    }
}

impl Kind {
    /// Reads the byte that an account stores or a client sends.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Batch),
            1 => Some(Self::Service),
            2 => Some(Self::VerifiedBatch),
            _ => None,
        }
    }

    /// Returns true if the job delivers a result.
    pub const fn has_result(self) -> bool {
        matches!(self, Self::Batch | Self::VerifiedBatch)
    }
}

/// Returns the number of the first attempt of the job that is listed at `listed`, after `serial`
/// others in its market. Each requeue adds one.
///
/// So no two attempts at one address have the same number, also if a client closes a job and lists
/// another one there: the numbers contain the second of the listing and, within that second, the
/// position in the market.
pub const fn first_attempt(listed: UnixTimestamp, serial: u64) -> u64 {
    // At most 34 requeues follow: 17 failures and 17 refusals.
    let within_second = (serial & 0xffff).wrapping_shl(8);
    listed.0.unsigned_abs().wrapping_shl(24).wrapping_add(within_second)
}

#[cfg(test)]
mod tests;

//! What panelists can say, and what a dispute and its panelists can come to.

use super::sketch::Sketch;
use crate::job::Reason;

/// What a panelist says about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Nothing yet.
    None = 0,
    /// The result is right.
    Right = 1,
    /// The result is wrong, or could not be had for the whole phase.
    Wrong = 2,
    /// The definition or its inputs cannot be had.
    NotDecidable = 3,
}

/// How far a panelist is, as the account of a dispute stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SeatState {
    /// Nobody has taken the seat.
    Empty = 0,
    /// A node has taken the seat.
    Claimed = 1,
    /// The panelist has committed.
    Committed = 2,
    /// The panelist has revealed its vote.
    Revealed = 3,
    /// The dispute is resolved, and the panelist is paid or punished.
    Closed = 4,
}

/// What a panelist has said when a dispute is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// Nobody has the seat.
    Nobody,
    /// The panelist has not committed.
    Silent,
    /// The panelist has committed, and not revealed.
    Hidden,
    /// The panelist has revealed a verdict and a sketch.
    Revealed(Verdict, Sketch),
}

/// How a dispute ends, as its account stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// Not resolved yet.
    None = 0,
    /// There are not two valid votes of one kind: the result stands, as if nobody had disputed it.
    Undecided = 1,
    /// Two valid votes say that the result is wrong.
    Convicted = 2,
    /// Somebody committed, and the node did not open its trace in time.
    NotOpened = 3,
    /// Two sketches agree with each other, and not with the trace.
    TraceRefuted = 4,
    /// Two valid votes say that the result is right.
    Acquitted = 5,
}

/// What becomes of a panelist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Nobody has the seat.
    Nobody = 0,
    /// The vote is valid: the panelist earns the fee.
    Paid = 1,
    /// The panelist says neither Right nor Wrong.
    Absent = 2,
    /// The vote is valid, and stands against two valid ones.
    Overruled = 3,
    /// The vote says Wrong, and nobody else revealed.
    Uncounted = 4,
    /// The vote says Right or Wrong, and is neither valid nor uncounted.
    Unsupported = 5,
}

impl Verdict {
    /// Reads the byte that an account stores or a panelist sends.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::None),
            1 => Some(Self::Right),
            2 => Some(Self::Wrong),
            3 => Some(Self::NotDecidable),
            _ => None,
        }
    }

    /// Returns the byte that is hashed in a commitment.
    pub const fn as_bytes(self) -> &'static [u8; 1] {
        match self {
            Self::None => &[0],
            Self::Right => &[1],
            Self::Wrong => &[2],
            Self::NotDecidable => &[3],
        }
    }
}

impl SeatState {
    /// Reads the byte that an account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Empty),
            1 => Some(Self::Claimed),
            2 => Some(Self::Committed),
            3 => Some(Self::Revealed),
            4 => Some(Self::Closed),
            _ => None,
        }
    }
}

impl Outcome {
    /// Reads the byte that an account or an event stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::None),
            1 => Some(Self::Undecided),
            2 => Some(Self::Convicted),
            3 => Some(Self::NotOpened),
            4 => Some(Self::TraceRefuted),
            5 => Some(Self::Acquitted),
            _ => None,
        }
    }

    /// Returns true if the node loses the dispute.
    pub const fn is_nodes_loss(self) -> bool {
        matches!(self, Self::Convicted | Self::NotOpened | Self::TraceRefuted)
    }

    /// Returns why the job is settled. `rejected`: its client has rejected the result in the
    /// challenge window, which counts where the panel does not decide. So nobody takes that right
    /// from a client by a challenge that leads to nothing.
    pub const fn settle_reason(self, rejected: bool) -> Reason {
        match self {
            Self::Convicted | Self::NotOpened | Self::TraceRefuted => Reason::ResultWrong,
            Self::None | Self::Undecided if rejected => Reason::ResultRejected,
            Self::None | Self::Undecided | Self::Acquitted => Reason::Completed,
        }
    }
}

impl Standing {
    /// Reads the byte that an account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Nobody),
            1 => Some(Self::Paid),
            2 => Some(Self::Absent),
            3 => Some(Self::Overruled),
            4 => Some(Self::Uncounted),
            5 => Some(Self::Unsupported),
            _ => None,
        }
    }
}

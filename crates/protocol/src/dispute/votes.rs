//! Which votes of a panel count, and the outcome.
//!
//! A vote is *valid* if it is
//! - Right, and its sketch agrees with the trace that the node opened;
//! - Wrong, and its sketch agrees with that of another Wrong vote;
//! - either of them, with a sketch that agrees with another one and not with the trace. Two such
//!   sketches refute the trace: the node has not done the work, whatever its result, which may be
//!   copied.
//!
//! All others, and missing ones, are *absent*. A valid vote against two valid ones is *overruled*.
//! "Not decidable" is never valid: a panelist takes a seat only once it has the definition and the
//! inputs, so that nobody can cost others a dispute by withholding them later.

use super::{PANEL_SEATS, sketch::Sketch};

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
    /// The vote is missing or not valid.
    Absent = 2,
    /// The vote is valid, and stands against two valid ones.
    Overruled = 3,
}

/// The outcome of a dispute, and what becomes of each panelist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// The outcome.
    pub outcome: Outcome,
    /// One for each seat.
    pub standings: [Standing; PANEL_SEATS],
}

/// What a revealed vote says, for the count.
#[derive(Clone, Copy, Default)]
struct Claims {
    is_right: bool,
    is_wrong: bool,
    refutes_trace: bool,
}

/// Judges the votes of a dispute that is over. `trace` is what the node opened, if it did.
pub fn judge_votes(trace: Option<&Sketch>, votes: &[Vote; PANEL_SEATS]) -> Judgment {
    let Some(trace) = trace else {
        let has_commitment = votes.iter().any(|vote| !matches!(vote, Vote::Nobody | Vote::Silent));
        let outcome = if has_commitment { Outcome::NotOpened } else { Outcome::Undecided };
        let standings = votes.map(|vote| match vote {
            Vote::Nobody => Standing::Nobody,
            Vote::Silent => Standing::Absent,
            Vote::Hidden | Vote::Revealed(..) => Standing::Paid,
        });
        return Judgment { outcome, standings };
    };

    let [a, b, c] = votes;
    let claims = [
        read_claims(trace, a, [b, c]),
        read_claims(trace, b, [a, c]),
        read_claims(trace, c, [a, b]),
    ];
    let has_two =
        |says: fn(&Claims) -> bool| claims.iter().filter(|claims| says(claims)).count() >= 2;
    let wins: fn(&Claims) -> bool;
    let outcome;
    if has_two(|claims| claims.is_wrong) {
        outcome = Outcome::Convicted;
        wins = |claims| claims.is_wrong;
    } else if has_two(|claims| claims.refutes_trace) {
        outcome = Outcome::TraceRefuted;
        wins = |claims| claims.refutes_trace;
    } else {
        let is_acquitted = has_two(|claims| claims.is_right);
        outcome = if is_acquitted { Outcome::Acquitted } else { Outcome::Undecided };
        wins = |claims| claims.is_right;
    }

    let mut standings = [Standing::Absent; PANEL_SEATS];
    for ((standing, vote), claims) in standings.iter_mut().zip(votes).zip(&claims) {
        *standing = match vote {
            Vote::Nobody => Standing::Nobody,
            _ if wins(claims) => Standing::Paid,
            _ if claims.is_right => Standing::Overruled,
            _ => Standing::Absent,
        };
    }
    Judgment { outcome, standings }
}

/// Returns what a vote says beside the two others.
fn read_claims(trace: &Sketch, vote: &Vote, others: [&Vote; 2]) -> Claims {
    let Vote::Revealed(verdict @ (Verdict::Right | Verdict::Wrong), sketch) = vote else {
        return Claims::default();
    };

    let agrees_with_trace = sketch.agrees_with(trace);
    let mut claims =
        Claims { is_right: *verdict == Verdict::Right && agrees_with_trace, ..Claims::default() };
    for other in others {
        let Vote::Revealed(its_verdict @ (Verdict::Right | Verdict::Wrong), its_sketch) = other
        else {
            continue;
        };
        if sketch.agrees_with(its_sketch) {
            let both_wrong = *verdict == Verdict::Wrong && *its_verdict == Verdict::Wrong;
            claims.is_wrong |= both_wrong;
            claims.refutes_trace |= !agrees_with_trace && !its_sketch.agrees_with(trace);
        }
    }
    claims
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
}

impl Standing {
    /// Reads the byte that an account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Nobody),
            1 => Some(Self::Paid),
            2 => Some(Self::Absent),
            3 => Some(Self::Overruled),
            _ => None,
        }
    }
}

//! The phases of a dispute and their clocks.
//!
//! | phase | who acts | ends early | when its clock runs out |
//! | --- | --- | --- | --- |
//! | seating | nodes take seats, those with the lowest scores keep them | never: a head start gains nothing | committing; over, if nobody has a seat |
//! | committing | panelists commit | with the last commitment | opening; over, if nobody has committed |
//! | opening | the node opens its trace | when it does | over: the node has not opened |
//! | voting | panelists reveal | with the last reveal | over |
//!
//! A phase that nothing ends early ends by its clock, whether or not anybody sends a transaction:
//! the next instruction first moves the dispute to the phase of its time. The clock of seating
//! starts with the challenge, and anew with the draw. So a dispute is over after at most five times
//! the length of a phase.

use super::PANEL_SEATS;
use crate::{
    Overflow,
    units::{Seconds, UnixTimestamp},
};

/// The phase of a dispute, as its account stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nodes take seats.
    Seating = 0,
    /// Panelists commit.
    Committing = 1,
    /// The node opens its trace.
    Opening = 2,
    /// Panelists reveal.
    Voting = 3,
    /// Nothing more can be said; anyone may resolve the dispute.
    Over = 4,
    /// The dispute is resolved; what it owes is still to be paid.
    Resolved = 5,
}

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase.
    pub phase: Phase,
    /// Last second of the phase.
    pub ends: UnixTimestamp,
    /// Seats that are taken.
    pub seats: u8,
    /// Panelists who have committed.
    pub committed: u8,
    /// Panelists who have revealed.
    pub revealed: u8,
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseError {
    /// The dispute is not in the phase for it.
    WrongPhase,
    /// A timestamp overflows.
    Overflow,
}

impl From<Overflow> for PhaseError {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl Phase {
    /// Reads the byte that an account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Seating),
            1 => Some(Self::Committing),
            2 => Some(Self::Opening),
            3 => Some(Self::Voting),
            4 => Some(Self::Over),
            5 => Some(Self::Resolved),
            _ => None,
        }
    }
}

impl Progress {
    /// Returns the progress of a dispute that begins at `now`, with phases of this length.
    pub fn begin_at(now: UnixTimestamp, length: Seconds) -> Result<Self, Overflow> {
        let ends = now.checked_add(length)?;
        Ok(Self { phase: Phase::Seating, ends, seats: 0, committed: 0, revealed: 0 })
    }

    /// Returns the progress at `now`: phases whose clock has run out are over.
    pub fn advance_to(self, now: UnixTimestamp, length: Seconds) -> Result<Self, Overflow> {
        let mut progress = self;
        while now > progress.ends {
            let next = progress.next_by_clock();
            if next == progress.phase {
                break;
            }
            progress.phase = next;
            progress.ends = progress.ends.checked_add(length)?;
        }
        Ok(progress)
    }

    /// Returns the phase after this one, when its clock has run out.
    const fn next_by_clock(&self) -> Phase {
        match self.phase {
            Phase::Seating if self.seats == 0 => Phase::Over,
            Phase::Seating => Phase::Committing,
            Phase::Committing if self.committed == 0 => Phase::Over,
            Phase::Committing => Phase::Opening,
            Phase::Opening | Phase::Voting | Phase::Over => Phase::Over,
            Phase::Resolved => Phase::Resolved,
        }
    }

    /// The seed is drawn: from now on seats can be taken.
    pub fn start_seating(self, now: UnixTimestamp, length: Seconds) -> Result<Self, PhaseError> {
        self.require_phase(self.phase == Phase::Seating)?.enter_phase(Phase::Seating, now, length)
    }

    /// A node takes a seat: a free one, or that of the highest score if there is none. The phase
    /// goes on until its clock has run out.
    pub fn take_seat(self) -> Result<Self, PhaseError> {
        let progress = self.require_phase(self.phase == Phase::Seating)?;
        let seats = progress.seats.saturating_add(1).min(PANEL_SEATS as u8);
        Ok(Self { seats, ..progress })
    }

    /// A panelist commits.
    pub fn add_commitment(self, now: UnixTimestamp, length: Seconds) -> Result<Self, PhaseError> {
        let is_open = self.phase == Phase::Committing && self.committed < self.seats;
        let progress = self.require_phase(is_open)?;
        let committed = progress.committed.checked_add(1).ok_or(PhaseError::Overflow)?;

        let added = Self { committed, ..progress };
        if committed < added.seats {
            return Ok(added);
        }
        added.enter_phase(Phase::Opening, now, length)
    }

    /// The node opens its trace.
    pub fn open_trace(self, now: UnixTimestamp, length: Seconds) -> Result<Self, PhaseError> {
        self.require_phase(self.phase == Phase::Opening)?.enter_phase(Phase::Voting, now, length)
    }

    /// A panelist reveals.
    pub fn add_reveal(self) -> Result<Self, PhaseError> {
        let is_open = self.phase == Phase::Voting && self.revealed < self.committed;
        let progress = self.require_phase(is_open)?;
        let revealed = progress.revealed.checked_add(1).ok_or(PhaseError::Overflow)?;

        let phase = if revealed == progress.committed { Phase::Over } else { progress.phase };
        Ok(Self { revealed, phase, ..progress })
    }

    /// The dispute is resolved.
    pub fn resolve(self) -> Result<Self, PhaseError> {
        let progress = self.require_phase(self.phase == Phase::Over)?;
        Ok(Self { phase: Phase::Resolved, ..progress })
    }

    fn require_phase(self, is_met: bool) -> Result<Self, PhaseError> {
        if is_met { Ok(self) } else { Err(PhaseError::WrongPhase) }
    }

    fn enter_phase(
        self,
        phase: Phase,
        now: UnixTimestamp,
        length: Seconds,
    ) -> Result<Self, PhaseError> {
        Ok(Self { phase, ends: now.checked_add(length)?, ..self })
    }
}

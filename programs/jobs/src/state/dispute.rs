use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        judgment::{Judgment, judge_votes},
        phase::{Phase, Progress},
        sketch::Sketch,
        votes::{SeatState, Verdict, Vote},
    },
    units::{Seconds, UnixTimestamp},
};

use crate::errors::{self, JobsError};

/// A dispute over a job's result. Seeds: `["dispute", job, attempt_id]`.
///
/// The job stays challenged until the dispute is resolved. What the dispute then owes to panelists
/// and challenger does not depend on the job any more.
#[account]
pub struct Dispute {
    /// The job whose result is disputed.
    pub job: Address,
    /// The market of the job.
    pub market: Address,
    /// The node that submitted the result.
    pub node: Address,
    /// Deposited the bond and paid the rent; gets the rent back.
    pub challenger: Address,
    /// The token account that paid the bond, and gets what the challenger is owed.
    pub challenger_token: Address,
    /// The hash of a slot, by which nodes are drawn for the panel; zero before the draw.
    pub seed: [u8; 32],
    /// The sketch that the node opened; zero before.
    pub trace: [u8; 32],
    /// Fee of a panelist, in base units. The bond is four of them.
    pub panel_fee: u64,
    /// Base units of each panelist's stake that its seat uses as collateral: what the job requires of
    /// a node at least.
    pub collateral: u64,
    /// Base units owed to the challenger that could not be paid yet.
    pub challenger_credit: u64,
    /// The job's attempt that delivered the result.
    pub attempt_id: u64,
    /// Slot from which the slot of the seed is counted: that of the challenge, or of a later draw
    /// for which the slot of the seed was forgotten.
    pub challenged_slot: u64,
    /// Weight of all nodes that were enrolled for panels at the draw, in xNOS; zero before.
    pub panel_weight: u64,
    /// Unix timestamp of the challenge.
    pub challenged_at: i64,
    /// Unix timestamp of the draw; zero before.
    pub drawn_at: i64,
    /// Last second of the phase, as a Unix timestamp.
    pub ends_at: i64,
    /// Unix timestamp at which the dispute was resolved; zero before.
    pub resolved_at: i64,
    /// Length of each phase, in seconds.
    pub phase_seconds: u32,
    /// Phase of the dispute when it last changed: 0 seating, 1 committing, 2 opening, 3 voting, 4
    /// over, 5 resolved. A phase whose clock has run out is over, whatever is stored.
    pub phase: u8,
    /// Outcome of the dispute: 0 none yet, 1 undecided, 2 convicted, 3 not opened, 4 trace refuted,
    /// 5 acquitted.
    pub outcome: u8,
    /// Seats that were taken.
    pub seats_taken: u8,
    /// Panelists who have committed.
    pub committed: u8,
    /// Panelists who have revealed.
    pub revealed: u8,
    /// Nonzero once the node has opened its trace.
    pub opened: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 4],
    /// The seats.
    pub seats: [Seat; PANEL_SEATS],
}

const _: () = assert!(core::mem::size_of::<Dispute>() == 704);

/// A seat of a panel.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Seat {
    /// The node that has the seat; zero if it is empty.
    pub node: Address,
    /// The panelist's commitment; zero before.
    pub commitment: [u8; 32],
    /// The sketch that the panelist revealed; zero before.
    pub sketch: [u8; 32],
    /// Base units that the panelist is owed.
    pub fee: u64,
    /// Base units of its collateral that the panelist loses.
    pub loss: u64,
    /// The node's score. A node with a lower one may take the seat while seats can be taken.
    pub score: u64,
    /// State of the seat: 0 empty, 1 claimed, 2 committed, 3 revealed, 4 closed.
    pub state: u8,
    /// The revealed verdict: 0 none yet, 1 right, 2 wrong, 3 not decidable.
    pub verdict: u8,
    /// What became of the panelist: 0 nobody yet, 1 paid, 2 absent, 3 overruled, 4 uncounted,
    /// 5 unsupported.
    pub standing: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
}

const _: () = assert!(core::mem::size_of::<Seat>() == 128);

impl Dispute {
    /// Returns the progress at `now`.
    pub fn progress_at(&self, now: i64) -> Result<Progress> {
        let stored = Progress {
            phase: Phase::from_byte(self.phase).ok_or(JobsError::InvariantViolated)?,
            ends: UnixTimestamp(self.ends_at),
            seats: self.seats_taken,
            committed: self.committed,
            revealed: self.revealed,
        };
        stored.advance_to(UnixTimestamp(now), self.phase_length()).map_err(errors::overflow_error)
    }

    /// Stores the progress.
    pub const fn store_progress(&mut self, progress: &Progress) {
        self.phase = progress.phase as u8;
        self.ends_at = progress.ends.0;
        self.seats_taken = progress.seats;
        self.committed = progress.committed;
        self.revealed = progress.revealed;
    }

    /// Returns the length of a phase.
    pub fn phase_length(&self) -> Seconds {
        Seconds(self.phase_seconds.into())
    }

    /// Returns the seat of `node` if it is in `state`.
    pub fn seat_of(&mut self, node: &Address, state: SeatState) -> Result<&mut Seat> {
        let mut seats = self.seats.iter_mut();
        let found = seats.find(|seat| seat.state == state as u8 && seat.node == *node);
        Ok(found.ok_or(JobsError::NotSeated)?)
    }

    /// Judges the votes.
    pub fn judge(&self) -> Result<Judgment> {
        let mut votes = [Vote::Nobody; PANEL_SEATS];
        for (vote, seat) in votes.iter_mut().zip(&self.seats) {
            *vote = seat.read_vote()?;
        }
        let trace = Sketch(self.trace);
        Ok(judge_votes((self.opened != 0).then_some(&trace), &votes))
    }
}

impl Seat {
    /// Returns the score of the seat, if somebody has it.
    pub fn held_score(&self) -> Option<u64> {
        (self.state != SeatState::Empty as u8).then_some(self.score)
    }

    /// Returns what the panelist has said.
    fn read_vote(&self) -> Result<Vote> {
        let state = SeatState::from_byte(self.state).ok_or(JobsError::InvariantViolated)?;
        Ok(match state {
            SeatState::Empty | SeatState::Closed => Vote::Nobody,
            SeatState::Claimed => Vote::Silent,
            SeatState::Committed => Vote::Hidden,
            SeatState::Revealed => {
                let verdict =
                    Verdict::from_byte(self.verdict).ok_or(JobsError::InvariantViolated)?;
                Vote::Revealed(verdict, Sketch(self.sketch))
            }
        })
    }
}

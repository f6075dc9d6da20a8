//! The values of disputes.

use nosana_client::jobs::{Error, types::MarketTerms};
use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        phase::{Phase, PhaseError, Progress},
        sketch::Sketch,
        terms::{DisputeTerms, bond_amount},
        votes::{Outcome as Verdicts, SeatState, Standing, Verdict, Vote},
    },
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
};

use super::{Outcome, Rejection};
use crate::actors;

/// A dispute's address: the job and its attempt.
pub type Key = (usize, u64);

/// A dispute.
#[derive(Clone, Copy, Debug)]
pub struct Dispute {
    pub market: usize,
    pub node: usize,
    pub challenger: usize,
    pub panel_fee: u64,
    /// What each seat locks.
    pub collateral: u64,
    /// The weight of all enrolled nodes at the draw.
    pub panel_weight: u64,
    pub length: Seconds,
    pub progress: Progress,
    pub challenged_at: i64,
    pub drawn_at: i64,
    pub resolved_at: i64,
    pub seed: [u8; 32],
    /// The number of the sketch that the node opened.
    pub opened: Option<u8>,
    pub outcome: Verdicts,
    pub challenger_credit: u64,
    pub seats: [Seat; PANEL_SEATS],
}

/// A seat of a panel.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    pub node: Option<usize>,
    pub score: u64,
    pub state: SeatState,
    /// What the panelist committed to: the verdict's byte, and the number of the sketch.
    pub said: Option<(u8, u8)>,
    pub has_revealed: bool,
    pub standing: Standing,
    pub fee: u64,
    pub loss: u64,
}

/// A seat that nobody has.
pub const EMPTY: Seat = Seat {
    node: None,
    score: 0,
    state: SeatState::Empty,
    said: None,
    has_revealed: false,
    standing: Standing::Nobody,
    fee: 0,
    loss: 0,
};

impl From<PhaseError> for Rejection {
    fn from(_: PhaseError) -> Self {
        Error::WrongPhase.into()
    }
}

impl Dispute {
    /// How far it is.
    pub fn progress_at(&self, now: i64) -> Progress {
        self.progress.advance_to(UnixTimestamp(now), self.length).expect("in range")
    }

    /// Base units of it in the market's vault: the bond, and then what is owed.
    pub fn held(&self) -> u64 {
        if self.progress.phase == Phase::Resolved { self.owed() } else { self.bond() }
    }

    /// What the challenger deposited.
    pub fn bond(&self) -> u64 {
        bond_amount(Amount(self.panel_fee)).expect("in range").0
    }

    /// The scores of the seats that are taken.
    pub fn scores(&self) -> [Option<u64>; PANEL_SEATS] {
        self.seats.map(|seat| seat.node.map(|_| seat.score))
    }

    /// Base units that it owes, once it is resolved.
    pub fn owed(&self) -> u64 {
        self.challenger_credit + self.seats.iter().map(|seat| seat.fee).sum::<u64>()
    }

    /// Whether a seat of the node locks collateral.
    pub fn locks(&self, node: usize) -> bool {
        let is_open = |seat: &Seat| seat.node == Some(node) && seat.state != SeatState::Closed;
        self.seats.iter().any(is_open)
    }

    /// The seat of the node, if it is in this state.
    pub fn seat(&mut self, node: usize, state: SeatState) -> Outcome<&mut Seat> {
        let mut seats = self.seats.iter_mut();
        let found = seats.find(|seat| seat.node == Some(node) && seat.state == state);
        found.ok_or_else(|| Error::NotSeated.into())
    }

    /// What the panelists have said.
    pub fn votes(&self) -> [Vote; PANEL_SEATS] {
        self.seats.map(|seat| match (seat.state, seat.said) {
            (SeatState::Claimed, _) => Vote::Silent,
            (SeatState::Committed, _) => Vote::Hidden,
            (SeatState::Revealed, Some((verdict, sketch))) => {
                let verdict = Verdict::from_byte(verdict).expect("it was revealed");
                Vote::Revealed(verdict, sketch_of(sketch))
            }
            _ => Vote::Nobody,
        })
    }
}

/// The sketch of this number.
pub fn sketch_of(number: u8) -> Sketch {
    Sketch(actors::sketch(number))
}

/// The terms for verified jobs among those of a market.
pub fn dispute_terms(terms: &MarketTerms) -> DisputeTerms {
    DisputeTerms {
        phase: Seconds(terms.dispute_seconds.into()),
        panel_fee: BasisPoints(terms.panel_fee_bps),
        min_collateral_ratio: terms.min_collateral_ratio,
    }
}

//! The protocol's rules, applied to a dispute's account: its phase, and what anyone may do to move
//! it on.

use nosana_protocol::{
    Overflow,
    dispute::{
        phase::{Phase, Progress},
        votes::{Outcome, SeatState, Standing},
    },
    units::{Seconds, UnixTimestamp},
};
use solana_address::Address;

use crate::jobs::{accounts::Dispute, types::Seat};

/// An instruction that anyone may send to move a dispute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStep {
    /// Draw the panel. The program refuses it until the slot that decides is over.
    DrawPanel,
    /// Resolve the dispute: nothing more can be said.
    Resolve,
    /// Close the seat with this index: pay or punish its panelist.
    CloseSeat(u8),
    /// Close the account, for its rent.
    Close,
}

impl Dispute {
    /// Returns how far the dispute is at `now`.
    ///
    /// # Errors
    /// [`Overflow`] if a timestamp overflows `i64`, or the account has an unknown phase.
    pub fn progress_at(&self, now: UnixTimestamp) -> Result<Progress, Overflow> {
        let stored = Progress {
            phase: Phase::from_byte(self.phase).ok_or(Overflow)?,
            ends: UnixTimestamp(self.ends_at),
            seats: self.seats_taken,
            committed: self.committed,
            revealed: self.revealed,
        };
        stored.advance_to(now, Seconds(self.phase_seconds.into()))
    }

    /// The outcome.
    pub fn known_outcome(&self) -> Outcome {
        Outcome::from_byte(self.outcome).unwrap_or(Outcome::None)
    }

    /// The seats that were taken, with their indices.
    pub fn taken_seats(&self) -> impl Iterator<Item = (u8, &Seat)> {
        (0..).zip(&self.seats).filter(|(_, seat)| seat.state != SeatState::Empty as u8)
    }

    /// The indices of the seats that are not closed, in the order in which they can be closed: the
    /// program lets paid panelists wait for those that lose by their votes.
    pub fn open_seats(&self) -> Vec<u8> {
        let mut open: Vec<(u8, &Seat)> =
            self.taken_seats().filter(|(_, seat)| seat.state != SeatState::Closed as u8).collect();
        open.sort_by_key(|(_, seat)| seat.standing == Standing::Paid as u8);
        open.into_iter().map(|(index, _)| index).collect()
    }

    /// The seat of a node.
    pub fn find_seat(&self, node: &Address) -> Option<&Seat> {
        self.taken_seats().map(|(_, seat)| seat).find(|seat| seat.node == *node)
    }

    /// Returns the instructions by which anyone can move the dispute on at `now`, of which each can
    /// be sent without the others: a panelist that cannot be paid does not delay the rest. Empty
    /// while its parties have time to act.
    ///
    /// # Errors
    /// [`Overflow`] if a timestamp overflows `i64`.
    pub fn find_steps(&self, now: UnixTimestamp) -> Result<Vec<DisputeStep>, Overflow> {
        Ok(match self.progress_at(now)?.phase {
            Phase::Seating if self.drawn_at == 0 => vec![DisputeStep::DrawPanel],
            Phase::Seating | Phase::Committing | Phase::Opening | Phase::Voting => Vec::new(),
            Phase::Over => vec![DisputeStep::Resolve],
            Phase::Resolved => {
                let steps: Vec<DisputeStep> =
                    self.open_seats().into_iter().map(DisputeStep::CloseSeat).collect();
                if steps.is_empty() { vec![DisputeStep::Close] } else { steps }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::ProgramAccount;

    fn dispute() -> Dispute {
        let zeroed = [Dispute::DISCRIMINATOR, &vec![0; Dispute::SIZE - 8]].concat();
        let read = Dispute::from_data(&zeroed).unwrap();
        Dispute { ends_at: 1_000, phase_seconds: 120, ..read }
    }

    fn steps_at(dispute: &Dispute, now: i64) -> Vec<DisputeStep> {
        dispute.find_steps(UnixTimestamp(now)).unwrap()
    }

    #[test]
    fn anyone_draws_and_resolves() {
        assert_eq!(steps_at(&dispute(), 1_000), [DisputeStep::DrawPanel]);
        assert_eq!(steps_at(&dispute(), 1_001), [DisputeStep::Resolve], "nobody has a seat");
        let drawn = Dispute { drawn_at: 880, ..dispute() };
        assert!(steps_at(&drawn, 1_000).is_empty());

        let seated = Dispute { seats_taken: 1, ..drawn };
        assert_eq!(seated.progress_at(UnixTimestamp(1_001)).unwrap().phase, Phase::Committing);
        assert!(steps_at(&seated, 1_120).is_empty());
        assert_eq!(steps_at(&seated, 1_121), [DisputeStep::Resolve], "nobody has committed");
        let opening = Dispute { phase: Phase::Opening as u8, ..seated };
        assert!(steps_at(&opening, 1_000).is_empty());
        assert_eq!(steps_at(&opening, 1_001), [DisputeStep::Resolve], "it was not opened");
    }

    #[test]
    fn anyone_closes_what_is_resolved() {
        let mut resolved = Dispute { phase: Phase::Resolved as u8, ..dispute() };
        let node = Address::new_from_array([7; 32]);
        resolved.seats[1].node = node;
        resolved.seats[1].state = SeatState::Claimed as u8;
        assert_eq!(steps_at(&resolved, 5_000), [DisputeStep::CloseSeat(1)]);
        assert!(resolved.find_seat(&node).is_some());
        assert!(resolved.find_seat(&Address::default()).is_none(), "an empty seat is nobody's");
        resolved.seats[2].state = SeatState::Revealed as u8;
        let both = [DisputeStep::CloseSeat(1), DisputeStep::CloseSeat(2)];
        assert_eq!(steps_at(&resolved, 5_000), both, "one may be refused for a while");
        resolved.seats[1].standing = Standing::Paid as u8;
        resolved.seats[2].standing = Standing::Overruled as u8;
        let ordered = [DisputeStep::CloseSeat(2), DisputeStep::CloseSeat(1)];
        assert_eq!(steps_at(&resolved, 5_000), ordered, "a paid one waits for an overruled one");
        resolved.seats[1].state = SeatState::Closed as u8;
        resolved.seats[2].state = SeatState::Closed as u8;
        assert_eq!(steps_at(&resolved, 5_000), [DisputeStep::Close]);
        assert_eq!(resolved.known_outcome(), Outcome::None);
    }
}

//! The states of a node's slot. A node takes one job per slot.

use crate::units::{Amount, Seconds};

/// The state of a slot, as a node's account stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SlotState {
    /// The slot may take a job or wait for one.
    Free = 0,
    /// The slot waits in a market's queue, or a job that names the node has matched it there.
    Waiting = 1,
    /// The slot took a job from a queue. The node has not started the job yet.
    Claimed = 2,
    /// The slot runs a job.
    Running = 3,
    /// The slot rests after the node gave a job back. It is free again once its rest is over.
    Resting = 4,
}

/// The terms of starting a job in time: those that a node agreed to when it took its slot, or those
/// that a job was listed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTerms {
    /// Longest time from a match to the start.
    pub start: Seconds,
    /// What the node loses if it does not start the job.
    pub penalty: Amount,
}

/// Returns what a node loses that agreed to the terms `agreed` and did not start a job that was
/// listed with the terms `listed`.
///
/// A node never loses more than it agreed to, nor for a job that leaves it less time. Both terms are
/// copies, so a change of the market's terms in between moves neither.
pub const fn no_start_penalty(agreed: &StartTerms, listed: &StartTerms) -> Amount {
    if listed.start.0 < agreed.start.0 {
        return Amount::ZERO;
    }
    if listed.penalty.0 < agreed.penalty.0 { listed.penalty } else { agreed.penalty }
}

impl SlotState {
    /// Reads the byte that a node's account stores.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Free),
            1 => Some(Self::Waiting),
            2 => Some(Self::Claimed),
            3 => Some(Self::Running),
            4 => Some(Self::Resting),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        for byte in 0..=4 {
            assert_eq!(SlotState::from_byte(byte).map(|state| state as u8), Some(byte));
        }
        assert_eq!(SlotState::from_byte(5), None);
    }

    #[test]
    fn a_node_loses_what_it_agreed_to_at_most() {
        let terms = |start, penalty| StartTerms { start: Seconds(start), penalty: Amount(penalty) };
        let loses = |agreed, listed| no_start_penalty(&agreed, &listed).0;
        assert_eq!(loses(terms(60, 5), terms(60, 5)), 5);
        assert_eq!(loses(terms(60, 5), terms(60, 9)), 5);
        assert_eq!(loses(terms(60, 9), terms(60, 5)), 5);
        assert_eq!(loses(terms(60, 5), terms(90, 5)), 5, "more time than agreed");
        assert_eq!(loses(terms(60, 5), terms(59, 5)), 0, "less time than agreed");
    }
}

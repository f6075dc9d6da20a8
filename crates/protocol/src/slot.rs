//! The states of a node's slot. A node takes one job per slot.

use crate::units::Amount;

/// Slots of a node: jobs that it can hold at a time. An engine answers as many in one batch.
pub const NODE_SLOTS: u8 = 16;

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

/// Returns what a node loses that did not start a job: its `penalty`, at most its `collateral`.
///
/// Only if the node took its slot and the job was listed under the same terms of the market: a node
/// loses nothing for a job that requires more than it agreed to. `agreed` and `listed` are the
/// revisions of the terms then, so a change of the terms afterwards makes no difference.
pub fn no_start_penalty(agreed: u32, listed: u32, penalty: Amount, collateral: Amount) -> Amount {
    if agreed != listed {
        return Amount::ZERO;
    }
    penalty.min(collateral)
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
        let loses = |agreed, listed, penalty, collateral| {
            no_start_penalty(agreed, listed, Amount(penalty), Amount(collateral)).0
        };
        assert_eq!(loses(3, 3, 5, 9), 5);
        assert_eq!(loses(3, 3, 9, 5), 5);
        assert_eq!(loses(3, 2, 5, 9), 0, "the job was listed under other terms");
        assert_eq!(loses(2, 3, 5, 9), 0, "the slot was taken under other terms");
    }
}

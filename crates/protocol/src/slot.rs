//! The states of a node's slot. A node takes one job per slot.

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
}

//! What a node's account says about its slots.

use nosana_client::jobs::accounts::Node;
use solana_address::Address;

/// What a slot is used for, as the jobs program numbers it.
const FREE: u8 = 0;
const WAITING: u8 = 1;
const OFFERED: u8 = 2;
const RUNNING: u8 = 3;
/// Resting: `since` is the last second of its rest.
const RESTING: u8 = 4;

/// The slots of a node at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Jobs that the chain knows as running here.
    pub running: Vec<Address>,
    /// Jobs that were taken from a line and are not started.
    pub offered: Vec<Address>,
    /// The market of each slot that waits, whether a job has met it or not.
    pub waiting: Vec<Address>,
    /// Slots that rest after a job was given back.
    pub resting: usize,
    /// Slots that may take or await a job now.
    pub free: usize,
}

impl Slots {
    /// Reads them at `now`, in unix seconds of the chain's clock.
    pub fn read(node: &Node, now: i64) -> Self {
        let mut slots = Self::default();
        for (index, slot) in node.slots.iter().enumerate() {
            match slot.state {
                RUNNING => slots.running.push(slot.job),
                OFFERED => slots.offered.push(slot.job),
                WAITING => slots.waiting.push(slot.market),
                RESTING if slot.since >= now => slots.resting += 1,
                // Slots above the capacity are used up, if a capacity was lowered, but never taken
                // anew.
                FREE | RESTING if index < usize::from(node.capacity) => slots.free += 1,
                _ => {}
            }
        }
        slots
    }

    /// Jobs that the node holds by its own account.
    pub fn held(&self) -> impl Iterator<Item = Address> + '_ {
        self.running.iter().chain(&self.offered).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed;

    #[test]
    fn every_state_is_told_apart() {
        let [market, one, two] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let none = Address::default();
        let mut node = zeroed::node();
        node.capacity = 6;
        let states = [
            (RUNNING, one, 5),
            (OFFERED, two, 5),
            (WAITING, none, 5),
            (RESTING, none, 10),
            (RESTING, none, 9),
        ];
        for (slot, (state, job, since)) in node.slots.iter_mut().zip(states) {
            (slot.market, slot.state, slot.job, slot.since) = (market, state, job, since);
        }
        let slots = Slots::read(&node, 10);
        let expected = Slots {
            running: vec![one],
            offered: vec![two],
            waiting: vec![market],
            resting: 1,
            free: 2,
        };
        assert_eq!(slots, expected);
        assert_eq!(slots.held().collect::<Vec<_>>(), [one, two]);
    }
}

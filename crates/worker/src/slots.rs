//! The slots of a node's account.

use nosana_client::jobs::accounts::Node;
use nosana_protocol::slot::SlotState;
use solana_address::Address;

/// The slots of a node at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots {
    /// Jobs that run on the node.
    pub running: Vec<Address>,
    /// Jobs that the node took from a queue and has not started.
    pub claimed: Vec<Address>,
    /// The market of each waiting slot, whether a job has matched the slot or not.
    pub waiting: Vec<Address>,
    /// Slots that rest after a job was given back.
    pub resting: usize,
    /// Slots that may take or wait for a job now.
    pub free: usize,
    /// The market of each slot that is in use or rests, within the node's capacity.
    pub used: Vec<Address>,
}

impl Slots {
    /// Reads the slots at `now`, in unix seconds of the chain's clock.
    pub fn read_from(node: &Node, now: i64) -> Self {
        let mut slots = Self::default();

        for (index, slot) in node.slots.iter().enumerate() {
            // Slots above a capacity that was lowered are used until they end, and never again.
            let is_within_capacity = index < usize::from(node.capacity);

            match SlotState::from_byte(slot.state) {
                Some(SlotState::Running) => slots.running.push(slot.job),
                Some(SlotState::Claimed) => slots.claimed.push(slot.job),
                Some(SlotState::Waiting) => slots.waiting.push(slot.market),
                // `since` is the last second of a rest.
                Some(SlotState::Resting) if slot.since >= now => slots.resting += 1,
                Some(SlotState::Free | SlotState::Resting) => {
                    slots.free += usize::from(is_within_capacity);
                    continue;
                }
                None => continue,
            }

            if is_within_capacity {
                slots.used.push(slot.market);
            }
        }

        slots
    }

    /// Jobs that the node holds by its own account.
    pub fn held_jobs(&self) -> impl Iterator<Item = Address> + '_ {
        self.running.iter().chain(&self.claimed).copied()
    }

    /// Returns for how many slots the node may request jobs if only `room` more may begin here.
    pub fn count_requests(&self, room: usize) -> usize {
        let unstarted = self.waiting.len().saturating_add(self.claimed.len());
        self.free.min(room.saturating_sub(unstarted))
    }

    /// Returns how many slots the node uses in a market, as the program counts them.
    pub fn count_used(&self, market: &Address) -> usize {
        self.used.iter().filter(|used| *used == market).count()
    }

    /// Returns the markets of the waiting slots whose jobs may not begin here if only `room` may.
    pub fn waiting_beyond(&self, room: usize) -> &[Address] {
        let left = room.saturating_sub(self.claimed.len());
        self.waiting.get(left..).unwrap_or_default()
    }

    /// Returns whether the node neither holds nor waits for a job.
    pub fn are_unused(&self) -> bool {
        self.waiting.is_empty() && self.held_jobs().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_node;

    #[test]
    fn every_state_is_distinguished() {
        let [market, one, two] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let none = Address::default();
        let mut node = zeroed_node();
        node.capacity = 6;
        let states = [
            (SlotState::Running, one, 5),
            (SlotState::Claimed, two, 5),
            (SlotState::Waiting, none, 5),
            (SlotState::Resting, none, 10),
            (SlotState::Resting, none, 9),
        ];
        for (slot, (state, job, since)) in node.slots.iter_mut().zip(states) {
            slot.market = market;
            slot.state = state as u8;
            slot.job = job;
            slot.since = since;
        }
        let slots = Slots::read_from(&node, 10);
        let expected = Slots {
            running: vec![one],
            claimed: vec![two],
            waiting: vec![market],
            resting: 1,
            free: 2,
            used: vec![market; 4],
        };
        assert_eq!(slots, expected);
        assert_eq!([market, two].map(|market| slots.count_used(&market)), [4, 0]);
        assert_eq!(slots.held_jobs().collect::<Vec<_>>(), [one, two]);
    }

    #[test]
    fn no_more_slots_wait_than_jobs_may_begin() {
        let [market, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let slots = Slots { waiting: vec![market, other], free: 2, ..Slots::default() };
        assert!(slots.waiting_beyond(usize::MAX).is_empty());
        assert!(slots.waiting_beyond(2).is_empty());
        assert_eq!(slots.waiting_beyond(1), [other]);
        assert_eq!(slots.waiting_beyond(0), [market, other]);

        let claimed = Slots { claimed: vec![market], ..slots };
        assert_eq!(claimed.waiting_beyond(2), [other], "what it took begins, too");
        assert_eq!(claimed.waiting_beyond(0), [market, other]);
    }

    #[test]
    fn a_node_requests_no_more_jobs_than_may_begin() {
        let market = Address::new_from_array([1; 32]);
        let slots = Slots { waiting: vec![market; 2], free: 2, ..Slots::default() };
        let requests =
            |slots: &Slots| [usize::MAX, 4, 3, 2, 0].map(|room| slots.count_requests(room));
        assert_eq!(requests(&slots), [2, 2, 1, 0, 0]);

        let claimed = Slots { claimed: vec![market], ..slots };
        assert_eq!(requests(&claimed), [2, 1, 0, 0, 0], "what it took begins, too");
        assert_eq!(requests(&Slots { free: 0, ..claimed }), [0; 5]);
    }
}

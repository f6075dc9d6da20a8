//! The disputes in which this node has a seat and whose result the panel reads: others of the panel
//! read from this node what the node of the result shows to a part of them only.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use nosana_client::jobs::accounts::Dispute;
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;

use super::turn::is_reading;

/// These disputes, by their addresses.
#[derive(Default)]
pub(crate) struct SeatedDisputes(Mutex<BTreeMap<Address, Dispute>>);

impl SeatedDisputes {
    /// Notes the account of a dispute at `now`. Forgets it if `node` has no seat, or the panel
    /// reads the result no more.
    pub fn note_dispute(
        &self,
        address: Address,
        dispute: &Dispute,
        node: &Address,
        now: UnixTimestamp,
    ) {
        let is_read = dispute.progress_at(now).is_ok_and(|progress| is_reading(progress.phase));
        let mut disputes = self.lock_disputes();

        if is_read && dispute.find_seat(node).is_some() {
            disputes.insert(address, *dispute);
        } else {
            disputes.remove(&address);
        }
    }

    /// Forgets the other disputes.
    pub fn retain_disputes(&self, is_known: impl Fn(&Address) -> bool) {
        self.lock_disputes().retain(|address, _| is_known(address));
    }

    /// Returns their accounts, as they were read last.
    pub fn list_disputes(&self) -> Vec<Dispute> {
        self.lock_disputes().values().copied().collect()
    }

    fn lock_disputes(&self) -> MutexGuard<'_, BTreeMap<Address, Dispute>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use nosana_protocol::dispute::{phase::Phase, votes::SeatState};

    use super::*;
    use crate::zeroed_accounts::zeroed_dispute;

    const NODE: Address = Address::new_from_array([7; 32]);
    const NOW: UnixTimestamp = UnixTimestamp(1_000);

    #[test]
    fn a_seat_counts_while_the_panel_reads() {
        let address = Address::new_from_array([1; 32]);
        let seated = |phase: Phase, node: Address| {
            let times = Dispute { ends_at: 1_100, drawn_at: 980, ..zeroed_dispute() };
            let mut dispute = Dispute { phase: phase as u8, phase_seconds: 120, ..times };
            dispute.seats_taken = 1;
            dispute.seats[0].node = node;
            dispute.seats[0].state = SeatState::Claimed as u8;
            dispute
        };
        let disputes = SeatedDisputes::default();
        let note = |dispute: Dispute| {
            disputes.note_dispute(address, &dispute, &NODE, NOW);
            disputes.list_disputes().len()
        };

        for phase in [Phase::Seating, Phase::Committing] {
            assert_eq!(note(seated(phase, NODE)), 1);
        }
        assert_eq!(note(seated(Phase::Opening, NODE)), 0, "all votes are cast");
        note(seated(Phase::Seating, NODE));
        let other = Address::new_from_array([8; 32]);
        assert_eq!(note(seated(Phase::Seating, other)), 0, "a lower score has the seat");

        note(seated(Phase::Seating, NODE));
        disputes.retain_disputes(|known| *known == address);
        assert_eq!(disputes.list_disputes().len(), 1);
        disputes.retain_disputes(|_| false);
        assert!(disputes.list_disputes().is_empty());
    }
}

//! In which order a node serves the disputes that it follows.

use std::hash::{BuildHasher, RandomState};

use nosana_client::jobs::accounts::Dispute;
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;

use super::super::turn::is_engaged;

/// An order of addresses that only this process knows. The author of a job can try addresses until
/// one comes first in any other order.
#[derive(Default)]
pub(super) struct SecretOrder(RandomState);

impl SecretOrder {
    /// Returns the place of an address.
    pub fn rank_address(&self, address: &Address) -> u64 {
        self.0.hash_one(address)
    }
}

/// How urgent a dispute is: the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Urgency {
    part: Part,
    /// How often in a row its preparation has failed: it must not delay those that can be prepared.
    failures: u32,
    /// When its phase ends.
    ends: i64,
    rank: u64,
}

/// The part of this node in a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// It has to act, or it loses collateral.
    Seat,
    /// It is of this node's market.
    Here,
    /// Disputes of other markets get what the others leave.
    Elsewhere,
}

/// Returns how urgent a dispute with this `rank` is at `now` for a node of this market, whose
/// preparation of it has failed so often.
pub(super) fn find_urgency(
    dispute: &Dispute,
    node: &Address,
    market: &Address,
    failures: u32,
    rank: u64,
    now: UnixTimestamp,
) -> Urgency {
    let part = if is_engaged(dispute, node, now).unwrap_or(false) {
        Part::Seat
    } else if dispute.market == *market {
        Part::Here
    } else {
        Part::Elsewhere
    };

    // A vote is due whatever has failed before.
    let failures = if part == Part::Seat { 0 } else { failures };
    let ends = dispute.progress_at(now).map_or(i64::MAX, |progress| progress.ends.0);
    Urgency { part, failures, ends, rank }
}

#[cfg(test)]
mod tests {
    use nosana_protocol::dispute::{phase::Phase, votes::SeatState};

    use super::*;
    use crate::zeroed_accounts::zeroed_dispute;

    const NOW: UnixTimestamp = UnixTimestamp(1_000);
    const NODE: Address = Address::new_from_array([1; 32]);
    const HERE: Address = Address::new_from_array([2; 32]);
    const ELSEWHERE: Address = Address::new_from_array([3; 32]);

    fn dispute_of(market: Address, ends_at: i64) -> Dispute {
        let phase = Phase::Seating as u8;
        Dispute { phase, market, ends_at, phase_seconds: 120, ..zeroed_dispute() }
    }

    fn seated(dispute: Dispute) -> Dispute {
        let mut seated = Dispute { seats_taken: 1, ..dispute };
        seated.seats[0].node = NODE;
        seated.seats[0].state = SeatState::Claimed as u8;
        seated
    }

    fn urgency(dispute: &Dispute, failures: u32, rank: u64) -> Urgency {
        find_urgency(dispute, &NODE, &HERE, failures, rank, NOW)
    }

    #[test]
    fn seats_come_first_then_what_ends_soon() {
        let ordered = [
            urgency(&seated(dispute_of(ELSEWHERE, 1_090)), 9, 9),
            urgency(&seated(dispute_of(HERE, 1_100)), 0, 0),
            urgency(&dispute_of(HERE, 1_010), 0, 9),
            urgency(&dispute_of(HERE, 1_020), 0, 1),
            urgency(&dispute_of(HERE, 1_020), 0, 2),
            urgency(&dispute_of(HERE, 1_001), 1, 0),
            urgency(&dispute_of(ELSEWHERE, 1_001), 0, 0),
        ];
        assert!(ordered.is_sorted(), "{ordered:?}");

        let claimed = seated(dispute_of(HERE, 1_090));
        let mut revealed = claimed;
        revealed.seats[0].state = SeatState::Revealed as u8;
        assert!(urgency(&claimed, 0, 0) < urgency(&revealed, 0, 0), "it has nothing to do");
        assert!(urgency(&dispute_of(HERE, 990), 0, 0) < urgency(&dispute_of(HERE, 1_120), 0, 0));
    }

    #[test]
    fn an_address_cannot_be_chosen_to_come_first() {
        let addresses: Vec<Address> =
            (0..64).map(|number| Address::new_from_array([number; 32])).collect();
        let order_by = |order: &SecretOrder| {
            let mut ordered = addresses.clone();
            ordered.sort_by_key(|address| order.rank_address(address));
            ordered
        };
        let [one, other] = [SecretOrder::default(), SecretOrder::default()];
        assert_ne!(order_by(&one), addresses);
        assert_ne!(order_by(&one), order_by(&other));
        assert_eq!(order_by(&one), order_by(&one), "the order lasts");
    }
}

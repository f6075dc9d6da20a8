//! The one dispute of another market in which a node seeks a seat.

use std::{collections::BTreeSet, time::Duration};

use solana_address::Address;
use tokio::time::Instant;

use super::super::followed::Sighting;

/// The most seats to have in other markets at a time, until the disputes are closed.
const MAX_SEATS: usize = 2;
/// The pause between two lists: the shortest phase lasts two minutes.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// How often in a row the list of seats has to fail before this node leaves without it.
const MAX_FAILURES: u32 = 3;
/// The pause after a list that failed: RPC servers of busy clusters limit or forbid it.
const ERROR_DELAY: Duration = Duration::from_secs(600);

/// What to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The disputes in which this node has a seat.
    Seats,
    /// Those in which it can get one.
    Open,
}

/// What a node seeks in other markets.
#[derive(Default)]
pub(in crate::dispute::watch) struct Elsewhere {
    /// The dispute in which it seeks a seat.
    chosen: Option<Address>,
    /// Disputes in which it seeks none again.
    given_up: BTreeSet<Address>,
    /// Whether it knows the seats that it had before this process began, and those that it claimed.
    knows_seats: bool,
    /// How often in a row the list of seats has failed.
    failures: u32,
    is_looking: bool,
    /// No list before this.
    look_at: Option<Instant>,
}

impl Elsewhere {
    /// Returns what to list now; `None` if nothing. `seeks`: whether this node wants another seat;
    /// it has `seats` there.
    pub(super) fn begin_look(&mut self, seeks: bool, seats: usize) -> Option<Look> {
        let seeks_more = seeks && self.chosen.is_none() && seats < MAX_SEATS;
        let is_early = self.look_at.is_some_and(|look_at| Instant::now() < look_at);
        if self.is_looking || is_early || self.knows_seats && !seeks_more {
            return None;
        }

        self.is_looking = true;
        self.look_at = Some(Instant::now() + LOOK_INTERVAL);
        Some(if self.knows_seats { Look::Open } else { Look::Seats })
    }

    /// Returns the disputes to follow of what was found; `None` was found if the list failed.
    pub fn end_look(&mut self, found: Option<Sighting>) -> Vec<Address> {
        self.is_looking = false;
        match found {
            Some(Sighting::Seats(seats)) => {
                self.knows_seats = true;
                self.failures = 0;
                // What can be had besides is listed at once.
                self.look_at = None;
                seats
            }
            Some(Sighting::Open(open)) => {
                self.given_up.retain(|address| open.contains(address));
                self.chosen = open.into_iter().find(|address| !self.given_up.contains(address));
                self.chosen.into_iter().collect()
            }
            None => {
                // A seat that is not known loses collateral.
                self.failures = self.failures.saturating_add(u32::from(!self.knows_seats));
                let delay = if self.knows_seats { ERROR_DELAY } else { LOOK_INTERVAL };
                self.look_at = Some(Instant::now() + delay);
                Vec::new()
            }
        }
    }

    /// Whether this node knows the seats that it has.
    pub(super) const fn knows_seats(&self) -> bool {
        self.knows_seats
    }

    /// Whether this node may leave: it knows its seats, or cannot find them.
    pub const fn may_leave(&self) -> bool {
        self.knows_seats || self.failures >= MAX_FAILURES
    }

    /// Whether a seat is sought in this dispute.
    pub fn is_sought(&self, address: &Address) -> bool {
        self.has_chosen(address) && !self.given_up.contains(address)
    }

    /// Whether this dispute takes the place of the one in which a seat is sought.
    pub fn has_chosen(&self, address: &Address) -> bool {
        self.chosen.as_ref() == Some(address)
    }

    /// Records that a seat is claimed. The dispute keeps its place until its account says what
    /// became of the claim, and no other claim follows.
    pub fn note_claim(&mut self, address: Address) {
        self.given_up.insert(address);
    }

    /// Seeks no seat in this dispute any more: it is another one's turn.
    pub fn give_up(&mut self, address: &Address) {
        if self.has_chosen(address) {
            self.given_up.insert(*address);
            self.chosen = None;
        }
    }

    /// Ends the search for a seat in this dispute: it has one, or no seat is taken any more. Lists
    /// all seats again after a claim: an RPC server may be behind.
    pub fn end_search(&mut self, address: &Address) {
        if self.has_chosen(address) {
            self.chosen = None;
            self.knows_seats = self.knows_seats && !self.given_up.contains(address);
        }
    }

    /// Ends the search for a seat in a dispute that is not followed any more.
    pub(super) fn end_unfollowed(&mut self, is_followed: impl Fn(&Address) -> bool) {
        if let Some(chosen) = self.chosen.filter(|chosen| !is_followed(chosen)) {
            self.end_search(&chosen);
        }
    }

    /// Records that a task crashed, and it is not known which one.
    pub fn forget_tasks(&mut self) {
        self.is_looking = false;
        if let Some(chosen) = self.chosen {
            self.give_up(&chosen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    /// It knows its seats, and may look at once.
    fn elsewhere() -> Elsewhere {
        Elsewhere { knows_seats: true, ..Elsewhere::default() }
    }

    fn open(numbers: &[u8]) -> Option<Sighting> {
        Some(Sighting::Open(numbers.iter().copied().map(address).collect()))
    }

    #[test]
    fn earlier_seats_are_found_before_another_is_sought() {
        let mut elsewhere = Elsewhere::default();
        assert_eq!(elsewhere.begin_look(false, 0), Some(Look::Seats));
        assert!(elsewhere.begin_look(true, 0).is_none(), "it looks already");
        let seats = Sighting::Seats(vec![address(1), address(2)]);
        assert_eq!(elsewhere.end_look(Some(seats)), [address(1), address(2)]);
        assert_eq!(elsewhere.begin_look(true, 0), Some(Look::Open), "at once");
        assert!(elsewhere.end_look(open(&[])).is_empty());
        assert!(elsewhere.begin_look(true, 0).is_none(), "too early");
        elsewhere.look_at = None;
        assert_eq!(elsewhere.begin_look(true, 0), Some(Look::Open));
    }

    #[test]
    fn one_dispute_at_a_time_and_two_seats_at_most() {
        assert!(elsewhere().begin_look(false, 0).is_none(), "it has a job, or leaves");
        assert!(elsewhere().begin_look(true, 1).is_some());
        assert!(elsewhere().begin_look(true, MAX_SEATS).is_none());

        let mut elsewhere = elsewhere();
        assert_eq!(elsewhere.end_look(open(&[1, 2])), [address(1)], "the first is the dearest");
        assert!(elsewhere.is_sought(&address(1)) && !elsewhere.is_sought(&address(2)));
        assert!(elsewhere.begin_look(true, 0).is_none(), "it keeps what it has prepared");
        elsewhere.end_search(&address(1));
        assert!(elsewhere.begin_look(true, 0).is_some());
    }

    #[test]
    fn what_was_given_up_is_not_chosen_again() {
        let mut elsewhere = elsewhere();
        elsewhere.end_look(open(&[1, 2, 3]));
        elsewhere.give_up(&address(2));
        assert!(elsewhere.is_sought(&address(1)), "it was not the chosen one");
        elsewhere.give_up(&address(1));
        assert_eq!(elsewhere.end_look(open(&[1, 2, 3])), [address(2)]);
        elsewhere.forget_tasks();
        assert_eq!(elsewhere.end_look(open(&[1, 2, 3])), [address(3)], "a task crashed");
        elsewhere.end_search(&address(3));
        assert!(elsewhere.end_look(open(&[1, 2])).is_empty());
        assert!(elsewhere.end_look(open(&[2])).is_empty());
        assert_eq!(elsewhere.given_up, BTreeSet::from([address(2)]), "what is over is forgotten");
    }

    #[test]
    fn a_seat_is_claimed_once() {
        let mut elsewhere = elsewhere();
        elsewhere.end_look(open(&[1, 2]));
        elsewhere.note_claim(address(1));
        assert!(!elsewhere.is_sought(&address(1)));
        assert!(elsewhere.has_chosen(&address(1)), "until its account shows the seat");
        elsewhere.end_search(&address(1));
        assert_eq!(elsewhere.begin_look(true, 0), Some(Look::Seats), "did the claim land?");
        assert!(elsewhere.end_look(Some(Sighting::Seats(Vec::new()))).is_empty());
        assert_eq!(elsewhere.end_look(open(&[1, 2])), [address(2)]);
    }

    #[test]
    fn a_node_does_not_leave_before_it_has_looked_for_its_seats() {
        let mut elsewhere = Elsewhere::default();
        for _ in 0..MAX_FAILURES {
            assert!(!elsewhere.may_leave());
            elsewhere.end_look(None);
        }
        assert!(elsewhere.may_leave(), "the list fails again and again");
        elsewhere.end_look(Some(Sighting::Seats(vec![address(1)])));
        assert!(elsewhere.may_leave() && elsewhere.knows_seats());

        elsewhere.end_look(open(&[2]));
        elsewhere.note_claim(address(2));
        elsewhere.end_search(&address(2));
        assert!(!elsewhere.may_leave(), "did the claim land?");
    }

    #[test]
    fn the_search_in_a_dispute_that_is_forgotten_ends() {
        let mut elsewhere = elsewhere();
        elsewhere.end_look(open(&[1]));
        elsewhere.end_unfollowed(|dispute| *dispute == address(1));
        assert!(elsewhere.has_chosen(&address(1)));
        elsewhere.end_unfollowed(|_| false);
        assert!(elsewhere.begin_look(true, 0).is_some(), "another one can be chosen");
    }

    #[test]
    fn a_list_that_failed_is_not_repeated_soon() {
        let mut elsewhere = elsewhere();
        assert!(elsewhere.begin_look(true, 0).is_some());
        assert!(elsewhere.end_look(None).is_empty());
        let pause = elsewhere.look_at.map(|look_at| look_at - Instant::now());
        assert!(pause.is_some_and(|pause| pause > LOOK_INTERVAL), "{pause:?}");
        assert!(elsewhere.begin_look(true, 0).is_none());

        let mut restarted = Elsewhere::default();
        assert!(restarted.end_look(None).is_empty());
        let pause = restarted.look_at.map(|look_at| look_at - Instant::now());
        assert!(pause.is_some_and(|pause| pause <= LOOK_INTERVAL), "it may have seats: {pause:?}");
    }
}

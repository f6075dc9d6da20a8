//! What the devices of this node, and its fetches, are used for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use solana_address::Address;
use tokio::time::Instant;

use super::{super::turn::Act, DisputeWatch, followed::Followed, preparation::Preparation};

/// The most disputes without a seat whose definitions are fetched at a time.
const MAX_FETCHES: usize = 8;
/// A fetch that lasts longer has its definition and waits for a model, which a few fetches load for
/// all that need it. It keeps no other definition waiting.
const FETCH_TIME: Duration = Duration::from_secs(60);

impl DisputeWatch {
    /// Returns whether a device is free for the work on this dispute. A device judges one result
    /// after the other, and a panelist that is late loses collateral. A device with a service is
    /// not free for days. A dispute of another market needs all of them.
    pub(super) fn has_free_device(&self, address: Address) -> bool {
        let owes_vote = |dispute: &Address| self.owes_vote(dispute);
        let is_elsewhere = self.followed.get(&address).is_some_and(|found| found.is_elsewhere);
        let unserved = self.worker.kept_devices.count_without_services();
        let devices = if is_elsewhere { unserved.min(1) } else { unserved };
        count_unjudged(&self.followed, address, owes_vote) < devices
    }

    /// Returns whether what this dispute needs may be fetched, for a seat that this node does not
    /// have: a device is free once other work is tried, and not too much is fetched already.
    pub(super) fn may_fetch(&self, address: Address) -> bool {
        let seats = count_seats(&self.followed, address, |dispute| self.owes_vote(dispute));
        let has_device = seats < self.worker.kept_devices.count_without_services();
        has_device && count_fetches(&self.followed, Instant::now()) < MAX_FETCHES
    }

    /// Whether this node has a seat, and has not judged.
    fn owes_vote(&self, dispute: &Address) -> bool {
        self.engaged.contains(dispute) && self.worker.ballots.find(dispute).is_none()
    }

    /// Keeps a device for each seat that this node has or claims, until it has judged, and for
    /// those that it would claim.
    pub(super) fn keep_devices(&self) {
        let mut seats = BTreeSet::new();
        let mut wanted = BTreeSet::new();
        for (address, followed) in &self.followed {
            if followed.acting == Some(Act::Seek) || self.owes_vote(address) {
                seats.insert(*address);
            } else if followed.wants_device {
                wanted.insert(*address);
            }
        }
        self.worker.kept_devices.set_seats(seats, wanted);
    }
}

/// Returns how many disputes other than this one take a device: those whose work is tried at the
/// moment, and those in which a seat is claimed and the result not judged. A dispute of another
/// market also waits for those whose case is fetched or ready, which may begin at any time, and its
/// own preparation gives way to disputes of this market. It waits for no fetch that has failed
/// before.
fn count_unjudged(
    followed: &BTreeMap<Address, Followed>,
    besides: Address,
    owes_vote: impl Fn(&Address) -> bool,
) -> usize {
    let is_elsewhere = followed.get(&besides).is_some_and(|found| found.is_elsewhere);
    let takes_device = |address: &Address, followed: &Followed| {
        let has_case = match followed.preparation {
            Some(Preparation::Fetching(_)) => is_elsewhere && followed.failures == 0,
            Some(Preparation::Fetched(_) | Preparation::Ready(_)) => is_elsewhere,
            Some(Preparation::Rehearsing) => is_elsewhere || !followed.is_elsewhere,
            Some(Preparation::Failed(_)) | None => false,
        };
        has_case || has_claimed(address, followed, &owes_vote)
    };
    let others = followed.iter().filter(|(address, _)| **address != besides);
    others.filter(|(address, followed)| takes_device(address, followed)).count()
}

/// Returns in how many disputes other than this one a seat is claimed and the result not judged.
fn count_seats(
    followed: &BTreeMap<Address, Followed>,
    besides: Address,
    owes_vote: impl Fn(&Address) -> bool,
) -> usize {
    let others = followed.iter().filter(|(address, _)| **address != besides);
    others.filter(|(address, followed)| has_claimed(address, followed, &owes_vote)).count()
}

fn has_claimed(
    address: &Address,
    followed: &Followed,
    owes_vote: &impl Fn(&Address) -> bool,
) -> bool {
    followed.acting == Some(Act::Seek) || owes_vote(address)
}

/// Returns how many definitions are fetched at `now`.
fn count_fetches(followed: &BTreeMap<Address, Followed>, now: Instant) -> usize {
    let is_fetched = |followed: &&Followed| {
        matches!(followed.preparation, Some(Preparation::Fetching(since))
            if now.saturating_duration_since(since) < FETCH_TIME)
    };
    followed.values().filter(is_fetched).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn address(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    fn fetching() -> Followed {
        let preparation = Some(Preparation::Fetching(Instant::now()));
        Followed { preparation, ..Followed::default() }
    }

    fn rehearsing(is_elsewhere: bool) -> Followed {
        let preparation = Some(Preparation::Rehearsing);
        Followed { preparation, is_elsewhere, ..Followed::default() }
    }

    #[test]
    fn a_seat_without_a_vote_takes_a_device() {
        let [this, seated, claiming, trying, idle] = [1, 2, 3, 4, 5].map(address);
        let mut followed: BTreeMap<Address, Followed> =
            [this, seated, idle].map(|address| (address, Followed::default())).into();
        let has_seat = |address: &Address| *address == seated || *address == this;
        assert_eq!(count_unjudged(&followed, this, has_seat), 1);
        assert_eq!(count_unjudged(&followed, this, |_| false), 0, "it has voted");

        let acting = Some(Act::Seek);
        followed.insert(claiming, Followed { acting, ..Followed::default() });
        followed.insert(trying, rehearsing(false));
        assert_eq!(count_unjudged(&followed, this, has_seat), 3);
        assert_eq!(count_seats(&followed, this, has_seat), 2, "a trial ends soon");
    }

    #[test]
    fn a_definition_that_nobody_serves_takes_no_device() {
        let this = address(1);
        let mut followed: BTreeMap<Address, Followed> =
            [2, 3, 4].map(|number| (address(number), fetching())).into();
        followed.insert(this, Followed::default());
        assert_eq!(count_unjudged(&followed, this, |_| false), 0);

        let is_elsewhere = true;
        followed.insert(this, Followed { is_elsewhere, ..Followed::default() });
        assert_eq!(count_unjudged(&followed, this, |_| false), 3, "they may begin at any time");
        for number in [2, 3, 4] {
            followed.insert(address(number), Followed { failures: 1, ..fetching() });
        }
        assert_eq!(count_unjudged(&followed, this, |_| false), 0, "they have failed before");
    }

    #[test]
    fn a_long_fetch_keeps_no_other_one_waiting() {
        let followed: BTreeMap<Address, Followed> =
            [1, 2].map(|number| (address(number), fetching())).into();
        let now = Instant::now();
        assert_eq!(count_fetches(&followed, now), 2);
        assert_eq!(count_fetches(&followed, now + FETCH_TIME), 0, "they wait for models");
    }

    #[test]
    fn what_is_prepared_for_another_market_gives_way_to_this_one() {
        let [here, elsewhere, other] = [1, 2, 3].map(address);
        let mut followed: BTreeMap<Address, Followed> =
            [(here, rehearsing(false)), (elsewhere, rehearsing(true))].into();
        assert_eq!(count_unjudged(&followed, here, |_| false), 0);
        assert_eq!(count_unjudged(&followed, elsewhere, |_| false), 1, "it waits");
        assert_eq!(count_unjudged(&followed, here, |address| *address == elsewhere), 1, "a seat");

        followed.insert(other, rehearsing(true));
        assert_eq!(count_unjudged(&followed, elsewhere, |_| false), 2, "one elsewhere at a time");
    }
}

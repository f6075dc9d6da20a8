//! Which of the market's disputes a node follows.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    mem::take,
};

use nosana_client::jobs::accounts::Dispute;
use nosana_protocol::dispute::phase::Phase;
use solana_address::Address;

use super::followed::Followed;

/// The most disputes of others to follow at a time.
pub(super) const MAX_FOLLOWED: usize = 64;

/// Returns the disputes to follow: all in which this node has a seat or a vote, then those that are
/// not resolved, the dearest first. Many cheap ones must not keep a panelist from the others.
/// `rank` decides among equal ones: their authors choose their addresses.
pub(super) fn choose_followed(
    mut listed: Vec<(Address, Dispute)>,
    is_own: impl Fn(&Address, &Dispute) -> bool,
    rank: impl Fn(&Address) -> u64,
) -> BTreeSet<Address> {
    listed.sort_by_cached_key(|(address, dispute)| {
        let is_resolved = dispute.phase == Phase::Resolved as u8;
        (!is_own(address, dispute), is_resolved, Reverse(dispute.panel_fee), rank(address))
    });

    let own = listed.iter().filter(|(address, dispute)| is_own(address, dispute)).count();
    let chosen = listed.into_iter().take(own.saturating_add(MAX_FOLLOWED));
    chosen.map(|(address, _)| address).collect()
}

/// Forgets the disputes of this market that were not `chosen` of a list, except those in which this
/// node has a part, and those on which a task works. One that an event has announced stays until
/// the next list: this one may have begun before the event.
pub(super) fn forget_others(
    followed: &mut BTreeMap<Address, Followed>,
    chosen: &BTreeSet<Address>,
    has_part: impl Fn(&Address) -> bool,
) {
    followed.retain(|address, followed| {
        let is_new = take(&mut followed.is_announced);
        let is_chosen = followed.is_elsewhere || chosen.contains(address);
        is_new || is_chosen || has_part(address) || followed.is_busy()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_dispute;

    fn address(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    #[test]
    fn cheap_and_resolved_disputes_hide_no_others() {
        let resolved = Dispute { phase: Phase::Resolved as u8, panel_fee: 9, ..zeroed_dispute() };
        let [dust, dear] = [1, 2].map(|panel_fee| Dispute { panel_fee, ..zeroed_dispute() });
        let mut listed: Vec<_> = (0..70).map(|number| (address(number), resolved)).collect();
        listed.extend((70..170).map(|number| (address(number), dust)));
        listed.extend([(address(200), dear), (address(201), dust), (address(202), resolved)]);
        let own = [address(201), address(202)];

        let chosen = choose_followed(listed, |address, _| own.contains(address), |_| 0);
        assert_eq!(chosen.len(), own.len() + MAX_FOLLOWED);
        assert!(own.iter().all(|address| chosen.contains(address)));
        assert!(chosen.contains(&address(200)));
        assert!((0..70).all(|number| !chosen.contains(&address(number))), "resolved ones");
    }

    #[test]
    fn no_address_comes_first_among_disputes_of_one_fee() {
        let listed: Vec<_> = (0..100).map(|number| (address(number), zeroed_dispute())).collect();
        let rank = |address: &Address| u64::from(u8::MAX - address.as_array()[0]);
        let chosen = choose_followed(listed, |_, _| false, rank);
        let expected: BTreeSet<Address> = (36..100).map(address).collect();
        assert_eq!(chosen, expected);
    }

    #[test]
    fn a_list_of_before_forgets_no_dispute_that_was_announced_since() {
        let [chosen, own, announced, elsewhere, busy, other] = [1, 2, 3, 4, 5, 6].map(address);
        let mut followed: BTreeMap<Address, Followed> =
            [chosen, own, other].map(|address| (address, Followed::default())).into();
        followed.insert(announced, Followed { is_announced: true, ..Followed::default() });
        followed.insert(elsewhere, Followed { is_elsewhere: true, ..Followed::default() });
        followed.insert(busy, Followed { is_cranking: true, ..Followed::default() });
        let mut forget = || {
            forget_others(&mut followed, &[chosen].into(), |address| *address == own);
            followed.keys().copied().collect::<Vec<_>>()
        };

        assert_eq!(forget(), [chosen, own, announced, elsewhere, busy]);
        assert_eq!(forget(), [chosen, own, elsewhere, busy], "no list has it");
    }
}

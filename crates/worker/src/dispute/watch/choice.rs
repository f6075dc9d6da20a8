//! Which disputes a node follows.

use std::{cmp::Reverse, collections::BTreeSet};

use nosana_client::jobs::accounts::Dispute;
use nosana_protocol::dispute::phase::Phase;
use solana_address::Address;

/// The most disputes of others to follow at a time in the node's market.
pub(super) const MAX_FOLLOWED: usize = 64;
/// The same in all other markets, which strangers choose: each is read every few seconds.
const MAX_ELSEWHERE: usize = 8;

/// Returns the disputes to follow: those of the node's market, and those of others in which it has a
/// seat or a vote, or that it seeks a seat in.
pub(super) fn choose_followed(
    listed: Vec<(Address, Dispute)>,
    market: &Address,
    is_own: impl Fn(&Address, &Dispute) -> bool,
    is_sought: impl Fn(&Dispute) -> bool,
) -> BTreeSet<Address> {
    let (here, mut elsewhere): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|(_, dispute)| dispute.market == *market);
    elsewhere.retain(|(address, dispute)| is_own(address, dispute) || is_sought(dispute));

    let mut chosen = choose_dearest(here, MAX_FOLLOWED, &is_own);
    chosen.extend(choose_dearest(elsewhere, MAX_ELSEWHERE, &is_own));
    chosen
}

/// Returns all disputes in which this node has a seat or a vote, and at most `most` others: those
/// that are not resolved and the dearest first. Many cheap ones must not keep a panelist from the
/// others.
fn choose_dearest(
    mut listed: Vec<(Address, Dispute)>,
    most: usize,
    is_own: impl Fn(&Address, &Dispute) -> bool,
) -> BTreeSet<Address> {
    listed.sort_by_cached_key(|(address, dispute)| {
        let is_resolved = dispute.phase == Phase::Resolved as u8;
        (!is_own(address, dispute), is_resolved, Reverse(dispute.panel_fee), *address)
    });

    let own = listed.iter().filter(|(address, dispute)| is_own(address, dispute)).count();
    let chosen = listed.into_iter().take(own.saturating_add(most));
    chosen.map(|(address, _)| address).collect()
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

        let is_own = |address: &Address, _: &Dispute| own.contains(address);
        let chosen = choose_followed(listed, &zeroed_dispute().market, is_own, |_| false);
        assert_eq!(chosen.len(), own.len() + MAX_FOLLOWED);
        assert!(own.iter().all(|address| chosen.contains(address)));
        assert!(chosen.contains(&address(200)));
        assert!((0..70).all(|number| !chosen.contains(&address(number))), "resolved ones");
    }

    #[test]
    fn of_other_markets_a_panelist_follows_its_seats_and_those_that_it_seeks() {
        let elsewhere = |panel_fee| Dispute { market: address(9), panel_fee, ..zeroed_dispute() };
        let mut listed = vec![(address(1), zeroed_dispute())];
        // With fees from 2 to 21, of which those from 12 on have a place for this node.
        listed.extend((2..22).map(|number| (address(number), elsewhere(number.into()))));
        let is_own = |found: &Address, _: &Dispute| *found == address(3);
        let is_sought = |dispute: &Dispute| dispute.panel_fee >= 12;

        let chosen = choose_followed(listed, &zeroed_dispute().market, is_own, is_sought);
        let dearest = 14..22;
        assert_eq!(dearest.len(), MAX_ELSEWHERE);
        let expected: BTreeSet<Address> = dearest.chain([1, 3]).map(address).collect();
        assert_eq!(chosen, expected, "its market's, its own, and the dearest that it seeks");
    }
}

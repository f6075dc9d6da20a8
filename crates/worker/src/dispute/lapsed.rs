//! Ends enrolments of nodes whose stake has become smaller, as anyone may.
//!
//! Such a node can take no seat, but its weight counts in draws: all others are candidates more
//! rarely, and more disputes stay undecided. The chain pays nothing for the call. It costs the fee
//! of a transaction, and this node gets a larger share of the seats, so a few calls an hour pay.

use std::{cmp::Reverse, time::Duration};

use anyhow::Result;
use nosana_client::{actions, jobs::accounts::Node, staking::accounts::Stake};
use solana_address::Address;

use super::secret::new_secret;
use crate::{event_sink::EventSink, transaction::Outgoing, worker::Worker};

/// The pause between two searches: each lists all nodes.
pub(super) const REMOVAL_INTERVAL: Duration = Duration::from_secs(3_600);
/// The most enrolments to end in a search: each costs the fee of a transaction.
const MAX_REMOVALS: usize = 4;
/// The most stakes to read in a search.
const MAX_READS: usize = 100;
/// An enrolment with less than this part of the weight of all, a hundred-thousandth, changes draws too
/// little to pay for its end.
const MIN_WEIGHT_PART: u128 = 100_000;

/// Returns a random part of the interval: the time until the first search. Nodes that start
/// together search at different times, and the first one leaves nothing to the others.
pub(super) fn draw_first_delay() -> Duration {
    let share = f64::from(draw_number()) / f64::from(u32::MAX);
    REMOVAL_INTERVAL.mul_f64(share)
}

fn draw_number() -> u32 {
    new_secret().first_chunk::<4>().map_or(0, |head| u32::from_le_bytes(*head))
}

impl Worker {
    /// Ends the enrolments that lack the most weight among those whose stake has become smaller.
    pub(super) async fn remove_lapsed_panelists(&self, events: &EventSink) -> Result<()> {
        let nodes = self.session.list_accounts::<Node>(&[]).await?;
        let mut lapsed = Vec::new();
        for node in choose_checked(nodes, &self.node, draw_number()) {
            let stake = self.session.find_account::<Stake>(&node.stake).await?;
            let weight = stake.map_or(0, |stake| stake.xnos);
            if has_lapsed(&node, weight) {
                lapsed.push((node.panel_weight - weight, node));
            }
        }

        for node in choose_removed(lapsed) {
            let remove = actions::remove_panelist(node.authority);
            let outgoing = Outgoing::for_market("remove_panelist", remove);
            match self.send_if_it_lands(outgoing, events).await {
                // Another sender was faster, or the node has enrolled again.
                Err(error) if error.program().is_some() => {}
                sent => sent?,
            }
        }
        Ok(())
    }
}

/// Whether the chain would end the enrolment of a node whose own stake has this weight.
fn has_lapsed(node: &Node, weight: u64) -> bool {
    weight < node.panel_weight
}

/// Returns the enrolled nodes besides `own` whose stakes are read: those whose weight matters. If
/// they are too many, `drawn` decides with which one the search begins.
fn choose_checked(nodes: Vec<(Address, Node)>, own: &Address, drawn: u32) -> Vec<Node> {
    let total: u128 = nodes.iter().map(|(_, node)| u128::from(node.panel_weight)).sum();
    let matters = |node: &Node| {
        let weight = u128::from(node.panel_weight);
        weight > 0 && weight * MIN_WEIGHT_PART >= total
    };
    let others = nodes.into_iter().filter(|(address, node)| address != own && matters(node));
    let mut chosen: Vec<Node> = others.map(|(_, node)| node).collect();

    if chosen.len() > MAX_READS {
        let first = usize::try_from(drawn).unwrap_or(0) % chosen.len();
        chosen.rotate_left(first);
        chosen.truncate(MAX_READS);
    }
    chosen
}

/// Returns those whose enrolments are ended now, given with the weight that each lacks: the ones that
/// lack the most.
fn choose_removed(mut lapsed: Vec<(u64, Node)>) -> Vec<Node> {
    lapsed.sort_by_key(|(missing, _)| Reverse(*missing));
    lapsed.truncate(MAX_REMOVALS);
    lapsed.into_iter().map(|(_, node)| node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_node;

    fn address(number: u16) -> Address {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&number.to_le_bytes());
        Address::new_from_array(bytes)
    }

    /// Nodes of these weights, with the addresses 0, 1, and so on.
    fn enrolled(weights: impl IntoIterator<Item = u64>) -> Vec<(Address, Node)> {
        let node = |panel_weight| Node { panel_weight, ..zeroed_node() };
        let weights = (0..).zip(weights);
        weights.map(|(number, weight)| (address(number), node(weight))).collect()
    }

    fn weights(nodes: &[Node]) -> Vec<u64> {
        nodes.iter().map(|node| node.panel_weight).collect()
    }

    #[test]
    fn only_a_smaller_stake_has_lapsed() {
        let node = Node { panel_weight: 9, ..zeroed_node() };
        assert_eq!(
            [0, 8, 9, 10].map(|weight| has_lapsed(&node, weight)),
            [true, true, false, false]
        );
        assert!(!has_lapsed(&zeroed_node(), 0), "it is not enrolled");
    }

    #[test]
    fn enrolments_of_others_that_matter_are_checked() {
        let nodes = enrolled([100_000_000, 0, 1_501, 1_500, 50_000_000]);
        let checked = choose_checked(nodes, &address(4), 7);
        assert_eq!(weights(&checked), [100_000_000, 1_501], "1,500 are too small a part of all");

        let nodes = enrolled([600, 0, 400, 1]);
        assert_eq!(weights(&choose_checked(nodes, &address(0), 7)), [400, 1]);
        assert!(choose_checked(enrolled([0, 0]), &address(9), 0).is_empty());
        let largest = enrolled([u64::MAX, u64::MAX]);
        assert_eq!(weights(&choose_checked(largest, &address(0), 0)), [u64::MAX]);
    }

    #[test]
    fn of_many_enrolments_every_one_is_checked_in_some_search() {
        let weights_from = |drawn| {
            let nodes = enrolled(1_001..1_151);
            weights(&choose_checked(nodes, &address(999), drawn))
        };
        assert_eq!(weights_from(0), (1_001..1_101).collect::<Vec<u64>>());
        let wrapped: Vec<u64> = (1_101..1_151).chain(1_001..1_051).collect();
        assert_eq!(weights_from(100), wrapped);
        assert_eq!(weights_from(u32::MAX).len(), MAX_READS);
    }

    #[test]
    fn those_that_lack_the_most_are_removed() {
        let missing = [1, 9, 5, 3, 7, 8];
        let nodes = enrolled([50, 9, 10, 70, 30, 8]).into_iter().map(|(_, node)| node);
        let lapsed = missing.into_iter().zip(nodes).collect();
        assert_eq!(weights(&choose_removed(lapsed)), [9, 8, 30, 10]);
        assert!(choose_removed(Vec::new()).is_empty());
    }

    #[test]
    fn the_first_search_is_within_the_interval() {
        for _ in 0..100 {
            assert!(draw_first_delay() <= REMOVAL_INTERVAL);
        }
        assert_ne!(draw_first_delay(), draw_first_delay());
    }
}

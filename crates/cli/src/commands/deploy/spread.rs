//! Over which nodes the replicas are spread. An owner has one node: so replicas on distinct nodes
//! are on machines of distinct owners.

use std::collections::{HashMap, HashSet};

use nosana_client::queue::Waiting;
use solana_address::Address;

use super::replica::Replica;

/// How many replicas each node has, and the nodes that get none while another one waits.
#[derive(Clone, Debug, Default)]
pub struct NodeUse {
    /// Also of replicas that are matched and not started yet.
    counts: HashMap<Address, usize>,
    avoided: HashSet<Address>,
}

impl NodeUse {
    /// Counts the replicas that nodes have. `avoided`: nodes on which a replica was not healthy.
    pub fn count(replicas: &[Replica], avoided: HashSet<Address>) -> Self {
        let mut counted = Self { counts: HashMap::new(), avoided };

        let active = replicas.iter().filter(|replica| replica.is_active());
        active.filter_map(|replica| replica.node).for_each(|node| counted.add_replica(node));
        counted
    }

    /// Counts one more replica of a node.
    pub fn add_replica(&mut self, node: Address) {
        let count = self.counts.entry(node).or_default();
        *count = count.saturating_add(1);
    }

    /// Chooses the waiting node for one more replica: one that has the fewest, the first of these
    /// in the queue. `None` if none takes a job for this price.
    pub fn choose_node<'w>(&self, waiting: &'w [Waiting], price: u64) -> Option<&'w Waiting> {
        let affordable = waiting.iter().filter(|waiting| waiting.price_per_second <= price);
        affordable.min_by_key(|waiting| {
            let count = self.counts.get(&waiting.address).copied().unwrap_or_default();
            (self.avoided.contains(&waiting.address), count)
        })
    }

    /// Whether a node has several replicas.
    pub fn is_uneven(&self) -> bool {
        self.counts.values().any(|count| *count > 1)
    }

    /// Whether a replica can move to a node: it has none, and none was not healthy there.
    pub fn is_free(&self, node: &Address) -> bool {
        !self.counts.contains_key(node) && !self.avoided.contains(node)
    }

    /// Counts the waiting nodes that have no replica, and take a job for this price. A node that
    /// offers several slots waits several times.
    pub fn count_free(&self, waiting: &[Waiting], price: u64) -> usize {
        let is_free = |waiting: &&Waiting| {
            waiting.price_per_second <= price && self.is_free(&waiting.address)
        };
        let free = waiting.iter().filter(is_free).map(|waiting| waiting.address);
        free.collect::<HashSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::deploy::replica::Phase;

    const PRICE: u64 = 5;

    fn node(byte: u8) -> Address {
        Address::new_from_array([byte; 32])
    }

    fn queue(nodes: &[u8]) -> Vec<Waiting> {
        let entries = nodes.iter().zip(0..);
        entries
            .map(|(byte, index)| Waiting { index, address: node(*byte), price_per_second: PRICE })
            .collect()
    }

    fn chosen(nodes: &NodeUse, waiting: &[Waiting]) -> Option<Address> {
        nodes.choose_node(waiting, PRICE).map(|waiting| waiting.address)
    }

    fn running_on(number: u8, byte: u8) -> Replica {
        let node = node(byte);
        let phase = Phase::Running { node, ends_at: 9, timeout_seconds: 9, has_ended: false };
        Replica::with_phase(number, phase)
    }

    #[test]
    fn two_listings_of_one_turn_go_to_two_nodes() {
        let mut nodes = NodeUse::count(&[], HashSet::new());
        let waiting = queue(&[1, 1, 2]);

        for expected in [1, 2, 1, 2] {
            let found = chosen(&nodes, &waiting).unwrap();
            assert_eq!(found, node(expected));
            nodes.add_replica(found);
        }
    }

    #[test]
    fn a_node_that_is_matched_has_its_replica_already() {
        let matched = Replica { node: Some(node(1)), ..Replica::with_phase(1, Phase::Waiting) };
        let queued = Replica::with_phase(2, Phase::Waiting);
        let over = Replica { node: Some(node(3)), ..Replica::with_phase(3, Phase::Over) };
        let nodes = NodeUse::count(&[matched, queued, over, running_on(4, 4)], HashSet::new());

        assert_eq!(chosen(&nodes, &queue(&[1, 2, 3])), Some(node(2)));
        assert_eq!(chosen(&nodes, &queue(&[4, 3])), Some(node(3)));
        assert_eq!(nodes.count_free(&queue(&[1, 2, 2, 3, 4]), PRICE), 2);
        assert!(!nodes.is_uneven());
    }

    #[test]
    fn where_all_nodes_have_replicas_the_one_with_fewest_gets_another() {
        let all = [running_on(1, 1), running_on(2, 1), running_on(3, 2)];
        let nodes = NodeUse::count(&all, HashSet::new());

        assert_eq!(chosen(&nodes, &queue(&[1, 2])), Some(node(2)));
        assert_eq!(chosen(&nodes, &queue(&[1])), Some(node(1)));
        assert_eq!(chosen(&nodes, &[]), None);
        assert!(nodes.is_uneven());
    }

    #[test]
    fn nodes_of_unhealthy_replicas_come_last_and_dear_ones_not_at_all() {
        let nodes = NodeUse::count(&[running_on(1, 2)], HashSet::from([node(1)]));
        assert_eq!(chosen(&nodes, &queue(&[1, 2])), Some(node(2)));
        assert_eq!(chosen(&nodes, &queue(&[1])), Some(node(1)));
        assert_eq!(nodes.count_free(&queue(&[1, 2]), PRICE), 0);
        assert_eq!([1, 2, 3].map(|byte| nodes.is_free(&node(byte))), [false, false, true]);

        let mut waiting = queue(&[3, 4]);
        waiting[0].price_per_second = PRICE + 1;
        assert_eq!(chosen(&nodes, &waiting), Some(node(4)));
        assert_eq!(nodes.count_free(&waiting, PRICE), 1);
        assert_eq!(chosen(&nodes, &waiting[..1]), None);
    }
}

//! How a twin is listed so that another node runs it: a node that computes its own lie again proves
//! nothing.

use nosana_client::queue::Waiting;
use nosana_protocol::queue::Side;
use solana_address::Address;

/// How a twin is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinPlace {
    /// Like any other job: the first node in the queue is another one, or none waits.
    Queue,
    /// For this waiting node and its cell: the first in the queue is the node of the job, or
    /// refuses the price.
    Assigned(Address, u32),
    /// Not now: no other node waits.
    NoOther,
    /// Not now: other nodes wait, and none accepts the price.
    AbovePrice,
}

/// Chooses how to list a twin of a job that `node` ran. `price`: that of the market, in base units
/// a second.
///
/// Nodes of the same owner have the same address. A twin is listed like any other job where that
/// suffices: an instruction that is used for twins alone would show that it is one.
pub fn choose_place(side: Side, waiting: &[Waiting], price: u64, node: &Address) -> TwinPlace {
    match side {
        Side::Empty | Side::Jobs => return TwinPlace::Queue,
        Side::Nodes => {}
    }

    let is_eligible =
        |waiting: &&Waiting| waiting.address != *node && waiting.price_per_second <= price;
    match waiting.first() {
        Some(first) if !is_eligible(&first) => {}
        Some(_) | None => return TwinPlace::Queue,
    }
    match waiting.iter().find(is_eligible) {
        Some(other) => TwinPlace::Assigned(other.address, other.index),
        None if waiting.iter().any(|waiting| waiting.address != *node) => TwinPlace::AbovePrice,
        None => TwinPlace::NoOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Address = Address::new_from_array([1; 32]);
    const OTHER: Address = Address::new_from_array([2; 32]);

    fn waiting(index: u32, address: Address, price_per_second: u64) -> Waiting {
        Waiting { index, address, price_per_second }
    }

    #[test]
    fn another_node_gets_the_twin() {
        let choose = |waiting: &[Waiting]| choose_place(Side::Nodes, waiting, 50, &NODE);
        let [own, other] = [waiting(7, NODE, 50), waiting(8, OTHER, 50)];
        assert_eq!(choose(&[other, own]), TwinPlace::Queue);
        assert_eq!(choose(&[own, other]), TwinPlace::Assigned(OTHER, 8));
        assert_eq!(choose(&[own, waiting(9, NODE, 1), other]), TwinPlace::Assigned(OTHER, 8));
        assert_eq!(choose(&[own]), TwinPlace::NoOther);
        assert_eq!(choose(&[]), TwinPlace::Queue);
    }

    #[test]
    fn nodes_above_the_price_do_not_count() {
        let [own, above, other] =
            [waiting(7, NODE, 50), waiting(8, OTHER, 51), waiting(9, OTHER, 50)];
        let choose = |waiting: &[Waiting]| choose_place(Side::Nodes, waiting, 50, &NODE);
        assert_eq!(choose(&[own, above]), TwinPlace::AbovePrice);
        assert_eq!(choose(&[above, own]), TwinPlace::AbovePrice);
        assert_eq!(
            choose(&[above]),
            TwinPlace::AbovePrice,
            "a market gives a job to the first, or fails"
        );
        assert_eq!(choose(&[above, other]), TwinPlace::Assigned(OTHER, 9));
    }

    #[test]
    fn a_twin_waits_where_jobs_wait() {
        let own = [waiting(7, NODE, 50)];
        assert_eq!(choose_place(Side::Jobs, &own, 50, &NODE), TwinPlace::Queue);
        assert_eq!(choose_place(Side::Empty, &[], 50, &NODE), TwinPlace::Queue);
    }
}

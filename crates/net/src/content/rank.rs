//! The order in which holders of a job are asked.

use sha2::{Digest, Sha256};
use solana_address::Address;

/// Sorts nodes by `sha256(job ‖ node)`. Everybody computes the same order, nobody can choose a place
/// in it for a job that does not exist yet, and jobs are spread over all nodes.
pub fn rank_holders(job: &Address, nodes: impl IntoIterator<Item = Address>) -> Vec<Address> {
    let mut ranked: Vec<([u8; 32], Address)> =
        nodes.into_iter().map(|node| (rank_of(job, &node), node)).collect();

    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().map(|(_, node)| node).collect()
}

fn rank_of(job: &Address, node: &Address) -> [u8; 32] {
    Sha256::new().chain_update(job).chain_update(node).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(byte: u8) -> Address {
        Address::new_from_array([byte; 32])
    }

    #[test]
    fn the_order_depends_on_the_job_alone() {
        let nodes: Vec<_> = (0..20).map(address).collect();
        let ranked = rank_holders(&address(100), nodes.iter().copied());
        let backwards = rank_holders(&address(100), nodes.iter().rev().chain(&nodes).copied());

        assert_eq!(ranked, backwards);
        assert_eq!(ranked.len(), 20);
        assert_ne!(ranked, rank_holders(&address(101), nodes));

        let digests: Vec<_> = ranked.iter().map(|node| rank_of(&address(100), node)).collect();
        assert!(digests.is_sorted());
    }

    #[test]
    fn each_node_is_first_for_its_share_of_jobs() {
        let firsts = (0..200).map(|job| rank_holders(&address(job), (200..204).map(address))[0]);
        let mut counts = [0_u32; 4];
        firsts.for_each(|node| counts[usize::from(node.to_bytes()[0] - 200)] += 1);

        assert!(counts.iter().all(|count| (25..80).contains(count)), "{counts:?}");
    }
}

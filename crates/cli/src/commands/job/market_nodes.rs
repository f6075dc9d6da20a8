//! The nodes of a market, and what they do now.

use std::collections::BTreeSet;

use anyhow::Result;
use nosana_client::jobs::accounts::Node;
use nosana_job_spec::{Capabilities, JobDefinition, NodeCapacity, Requirements, compare_nodes};
use nosana_protocol::{slot::SlotState, units::UnixTimestamp};
use solana_address::Address;

use crate::commands::context::CliContext;

/// How many slots of nodes are in each state in a market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarketNodes {
    /// Nodes with a slot in the market.
    pub nodes: usize,
    /// Slots that wait for a job.
    waiting: usize,
    /// Slots that took or run a job.
    busy: usize,
    /// Slots that rest after a job.
    resting: usize,
    /// What the nodes report that they can run; nodes that report nothing are left out.
    capacities: Vec<NodeCapacity>,
}

impl MarketNodes {
    /// Reads the accounts of all nodes: a market does not list its own.
    pub async fn fetch(ctx: &CliContext, market: &Address) -> Result<Self> {
        let now = ctx.chain_time().await?;
        let nodes = ctx.session.list_accounts::<Node>(&[]).await?;
        Ok(Self::count(&nodes, market, now))
    }

    fn count(nodes: &[(Address, Node)], market: &Address, now: UnixTimestamp) -> Self {
        let mut counted = Self::default();
        let mut present = BTreeSet::new();

        for (address, node) in nodes {
            let count_before = present.len();
            for slot in node.slots.iter().filter(|slot| slot.market == *market) {
                let count = match SlotState::from_byte(slot.state) {
                    Some(SlotState::Waiting) => &mut counted.waiting,
                    Some(SlotState::Claimed | SlotState::Running) => &mut counted.busy,
                    // Its account still says so after the rest: only the next `work` changes it.
                    Some(SlotState::Resting) if slot.since >= now.0 => &mut counted.resting,
                    Some(SlotState::Resting | SlotState::Free) | None => continue,
                };
                *count += 1;
                present.insert(*address);
            }

            let capabilities =
                Capabilities { flags: node.capabilities, memory_mib: node.memory_mib };
            if present.len() > count_before && capabilities.is_reported() {
                let vram_mib = node.vram_mib;
                counted.capacities.push(NodeCapacity { capabilities, vram_mib });
            }
        }

        counted.nodes = present.len();
        counted
    }

    /// Why none of the nodes can run a definition; `None` if one can, or if a node does not report
    /// what it can run.
    pub fn find_problem(&self, definition: &JobDefinition) -> Option<String> {
        if self.capacities.len() < self.nodes {
            return None;
        }

        let required = Requirements::from_definition(definition);
        compare_nodes(&required, self.capacities.iter().copied()).describe_problem()
    }

    /// What the market's nodes do, in a sentence.
    pub fn describe(&self) -> String {
        let Self { nodes, waiting, busy, resting, .. } = *self;

        match nodes {
            0 => "no node waits or works in the market".to_owned(),
            1 => format!(
                "the market has one node: {waiting} slot(s) wait, {busy} have a job, \
                 {resting} rest after a job"
            ),
            _ => format!(
                "the market has {nodes} nodes: {waiting} slot(s) wait, {busy} have a job, \
                 {resting} rest after a job"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::{ProgramAccount, jobs::types::Slot};

    use super::*;

    const MARKET: Address = Address::new_from_array([1; 32]);

    fn node(slots: &[(Address, SlotState, i64)]) -> Node {
        let zeroed = [Node::DISCRIMINATOR, &vec![0; Node::SIZE - 8]].concat();
        let mut node = Node::from_data(&zeroed).unwrap();
        for (slot, (market, state, since)) in node.slots.iter_mut().zip(slots) {
            *slot = Slot { market: *market, state: *state as u8, since: *since, ..*slot };
        }
        node
    }

    #[test]
    fn only_slots_in_the_market_count() {
        let elsewhere = Address::new_from_array([2; 32]);
        let nodes = [
            node(&[(MARKET, SlotState::Waiting, 5), (elsewhere, SlotState::Running, 5)]),
            node(&[(elsewhere, SlotState::Waiting, 5)]),
            node(&[(MARKET, SlotState::Running, 5), (MARKET, SlotState::Resting, 100)]),
            // Its rest is over.
            node(&[(MARKET, SlotState::Resting, 99)]),
            node(&[(MARKET, SlotState::Claimed, 5)]),
        ];
        let nodes: Vec<_> = (0..)
            .zip(nodes)
            .map(|(byte, node)| (Address::new_from_array([byte; 32]), node))
            .collect();

        let counted = MarketNodes::count(&nodes, &MARKET, UnixTimestamp(100));
        assert_eq!(
            counted,
            MarketNodes { nodes: 3, waiting: 1, busy: 2, resting: 1, capacities: Vec::new() }
        );
        assert!(counted.describe().starts_with("the market has 3 nodes: 1 slot(s) wait"));

        let none = MarketNodes::count(&nodes[3..4], &MARKET, UnixTimestamp(100));
        assert_eq!(none.describe(), "no node waits or works in the market");
    }
}

//! Nodes, their slots and stakes.

use nosana_client::{
    jobs::{
        accounts::Node,
        types::{Endpoint, Slot, SocketAddress},
    },
    staking::accounts::Stake,
};
use solana_address::Address;

use super::{Difference, compare_values};
use crate::{
    actors,
    fixture::Fixture,
    model::{self, Model, SlotUse},
};

/// The endpoint of a node that has announced nothing.
const NOWHERE: Endpoint =
    Endpoint { id: [0; 32], relay: [0; 64], sockets: [SocketAddress { ip: [0; 16], port: 0 }; 2] };

impl Fixture {
    pub(super) async fn compare_node(&self, model: &Model, number: usize) -> Difference {
        let expected = &model.nodes[number];
        let actual: Node = self.world.get(&self.nodes[number]).await;
        let wanted = Node {
            authority: self.wallets[actors::owner_of(number)],
            payout: self.token_accounts[expected.payout],
            stake: self.stakes[number],
            hardware: expected.hardware.digest,
            earned: expected.earned,
            reputation_good: expected.reputation.good,
            reputation_bad: expected.reputation.bad,
            reputation_at: expected.reputation.at.0,
            jobs_completed: expected.completed,
            jobs_failed: expected.failed,
            jobs_rejected: expected.rejected,
            capabilities: expected.hardware.capabilities,
            memory_mib: expected.hardware.memory_mib,
            vram_mib: expected.hardware.vram_mib,
            prompt_tokens_per_second: expected.hardware.prompt_tokens_per_second,
            capacity: expected.hardware.capacity,
            draining: expected.draining.into(),
            slots: expected.slots.map(|slot| self.slot(&slot)),
            version: actual.version,
            bump: actual.bump,
            panel_weight: expected.panel_weight,
            panel_since: expected.panel_since,
            panels_right: expected.panels_right,
            panels_overruled: expected.panels_overruled,
            endpoint: NOWHERE,
            idle_collateral: expected.idle,
            reserved: [0; 20],
        };
        compare_values(&format!("node {number}"), &actual, &wanted)?;

        let expected = model.stakes[number];
        let actual = self.found::<Stake>(&self.stakes[number], expected.is_some()).await?;
        let (Some(expected), Some(actual)) = (expected, actual) else { return Ok(()) };
        let wanted = Stake {
            owner: self.wallets[actors::owner_of(number)],
            amount: expected.amount,
            withdrawn: expected.withdrawn,
            locked: expected.locked,
            xnos: expected.xnos,
            duration_seconds: expected.duration,
            unstaked_at: expected.unstaked_at,
            slashed: expected.slashed,
            // The suite stakers has the model of the other fields.
            ..actual
        };
        compare_values(&format!("the stake of node {number}"), &actual, &wanted)
    }

    fn slot(&self, slot: &model::Slot) -> Slot {
        let (state, job) = match slot.used {
            SlotUse::Free => (0, None),
            SlotUse::Waiting => (1, None),
            SlotUse::Claimed(job) => (2, Some(job)),
            SlotUse::Running(job) => (3, Some(job)),
            SlotUse::Resting => (4, None),
        };
        Slot {
            market: if slot.used != SlotUse::Free {
                self.markets[slot.market]
            } else {
                Address::default()
            },
            job: job.map_or(Address::default(), |job| self.jobs[job]),
            since: slot.since,
            taken_at: slot.taken_at,
            collateral: slot.collateral,
            no_start_penalty: slot.penalty,
            state,
            refusals: slot.refusals,
            padding: [0; 2],
            terms_revision: slot.revision,
            remembered_until: slot.remembered_until,
        }
    }
}

//! Worlds in which a slot of a node is in a given situation.

use nosana_client::{
    actions,
    jobs::{Error, accounts::Job, instructions::RetireMarket, types::Hardware},
    pda,
};
use nosana_protocol::slot::SlotState;
use nosana_tests::terms::{HARDWARE, batch, challenged};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, signed::SignedCall};

/// The situation of the slot. Instructions name the job that the slot holds or has just given back;
/// where there is none, one that waits in another market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// `Free`; nothing waits in the market.
    Idle,
    /// `Free`; a job waits in the market.
    Wanted,
    /// `Waiting` in the queue.
    Queued,
    /// `Waiting` in the queue of a market that was retired meanwhile.
    InRetired,
    /// `Waiting`, but not in the queue: a job was matched with the node.
    Matched,
    /// `Claimed`: it took a waiting job.
    Took,
    /// `Running`.
    Works,
    /// `Resting`, after it gave a job back, which waits again.
    Rests,
    /// `Resting`, and the time for that is over.
    Rested,
}

/// What an instruction does in a situation.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It succeeds; the slot is then in this state.
    Is(SlotState),
    /// It is refused.
    No(Error),
}

/// Hardware with one slot.
pub const ONE_SLOT: Hardware = Hardware { capacity: 1, ..HARDWARE };

/// A world with a node in it.
pub struct NodeFixture {
    situation: Situation,
    pub world: World,
    pub job: Address,
    pub stored: Job,
    /// The cell in which the node waits, or waited last.
    pub cell: u32,
}

impl NodeFixture {
    pub async fn new(situation: Situation) -> Self {
        use Situation::{Idle, InRetired, Matched, Queued, Rested, Rests, Took, Wanted, Works};
        let mut world = World::new(challenged()).await;
        let owner = world.node.pubkey();
        world.run(actions::update_hardware(owner, ONE_SLOT), &[&world.node]).await;

        if matches!(situation, Queued | InRetired | Matched) {
            world.work(&world.node).await;
        }

        let job = if matches!(situation, Matched | Took | Works | Rests | Rested) {
            world.list(batch(1)).await
        } else {
            let elsewhere = world.open_market(2, challenged()).await;
            let here = std::mem::replace(&mut world.market, elsewhere);
            let job = world.list(batch(1)).await;
            world.market = here;
            job
        };

        match situation {
            Idle | Queued | Matched => {}
            Wanted => {
                world.list(batch(2)).await;
            }
            InRetired => {
                let retire =
                    RetireMarket { authority: world.deployer.pubkey(), market: world.market };
                world.run(retire, &[&world.deployer]).await;
            }
            Took => {
                world.work(&world.node).await;
            }
            Works | Rests | Rested => world.work_and_start(&world.node, &job).await,
        }

        if matches!(situation, Rests | Rested) {
            world.quit(&world.node, &job).await;
        }

        let rest = u64::from(challenged().heartbeat_seconds.max(challenged().start_seconds));

        match situation {
            Rests => world.advance_clock(rest),
            Rested => world.advance_clock(rest + 1),
            _ => {}
        }

        let stored = world.job(&job).await;
        let node = pda::jobs::node(&owner);
        let cell = world.queue().await.find_cell(&node).unwrap_or(0);
        Self { situation, world, job, stored, cell }
    }

    /// Sends the call, after which the slot must be in this state.
    pub async fn expect_state(&self, call: SignedCall<'_>, slot: SlotState) {
        let what = call.expect_success(&self.world, self.situation, slot).await;
        let node = self.world.node_of(&self.world.node).await;
        assert_eq!(node.slots[0].state, slot as u8, "{what}");
        assert!(
            node.slots[1..].iter().all(|slot| slot.state == SlotState::Free as u8),
            "it has one slot"
        );
    }
}

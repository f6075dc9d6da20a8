//! Worlds in which a slot of a node is in a given situation, and the instructions that meet it
//! there.

use nosana_client::{
    actions,
    jobs::{Error, accounts::Job, instructions::RetireMarket, types::Hardware},
    pda,
};
use nosana_tests::{
    terms::{HARDWARE, RESULT, batch, challenged},
    world::case,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    nodes::{Situation, Slot},
};

/// The instructions that a node can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Work,
    Leave,
    Start,
    Quit,
    Heartbeat,
    Finish,
    UpdateHardware,
    SetDraining,
    EvictNode,
}

/// The node's one slot.
const HARDWARE_OF_ONE: Hardware = Hardware { capacity: 1, ..HARDWARE };

/// A world with a node in it.
pub struct Scene {
    situation: Situation,
    world: World,
    job: Address,
    stored: Job,
    /// The cell in which the node waits, or waited last.
    cell: u32,
}

impl Scene {
    pub async fn new(situation: Situation) -> Self {
        use Situation::{Idle, InLine, InVain, Met, Rested, Rests, Took, Wanted, Works};
        let mut world = World::new(challenged()).await;
        let owner = world.node.pubkey();
        world.run(actions::update_hardware(owner, HARDWARE_OF_ONE), &[&world.node]).await;
        if matches!(situation, InLine | InVain | Met) {
            world.work(&world.node).await;
        }
        let job = if matches!(situation, Met | Took | Works | Rests | Rested) {
            world.list(batch(1)).await
        } else {
            let elsewhere = world.open_market(2, challenged()).await;
            let here = std::mem::replace(&mut world.market, elsewhere);
            let job = world.list(batch(1)).await;
            world.market = here;
            job
        };
        match situation {
            Idle | InLine | Met => {}
            Wanted => {
                world.list(batch(2)).await;
            }
            InVain => {
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
            Rests => world.pass(rest),
            Rested => world.pass(rest + 1),
            _ => {}
        }
        let (stored, node) = (world.job(&job).await, pda::jobs::node(&owner));
        let cell = world.queue().await.index_of(&node).unwrap_or(0);
        Self { situation, world, job, stored, cell }
    }

    /// It must go through, and lead to what the table says.
    pub async fn follow(&self, call: Call, slot: Slot) {
        let (instruction, signers) = self.instruction(call);
        if let Err(failure) = self.world.attempt(instruction, &signers).await {
            let logs = failure.logs.join("\n");
            panic!(
                "{:?}, {call:?}: {}, expected {slot:?}\n{logs}",
                self.situation,
                failure.refusal()
            );
        }
        self.world.audit().await;
        let node = self.world.node_of(&self.world.node).await;
        assert_eq!(
            node.slots[0].state, slot as u8,
            "{:?}, {call:?}: expected {slot:?}",
            self.situation
        );
        assert!(
            node.slots[1..].iter().all(|slot| slot.state == Slot::Free as u8),
            "it has one slot"
        );
    }

    /// It must be refused, and change nothing.
    pub async fn refuse(&self, call: Call, error: Error) {
        let (instruction, signers) = self.instruction(call);
        let what = format!("{:?}, {call:?}", self.situation);
        self.world.refuse_all([case(what.leak(), error, instruction, &signers)]).await;
    }

    /// The instruction, with the signature of whoever may send it.
    fn instruction(&self, call: Call) -> (Instruction, Vec<&Keypair>) {
        let Self { ref world, job, ref stored, cell, .. } = *self;
        let (owner, market) = (world.node.pubkey(), world.market);
        let instruction = match call {
            Call::EvictNode => return (actions::evict_node(owner, market, cell).into(), vec![]),
            Call::Work => actions::work(owner, market, 1).into(),
            Call::Leave => actions::leave(owner, market, cell).into(),
            Call::Start => actions::start(owner, job, stored).into(),
            Call::Quit => actions::quit(owner, job, stored, owner).into(),
            Call::Heartbeat => actions::heartbeat(owner, job, [0; 32], 0).into(),
            Call::Finish => actions::finish(owner, job, stored, owner, RESULT).into(),
            Call::UpdateHardware => actions::update_hardware(owner, HARDWARE_OF_ONE).into(),
            Call::SetDraining => actions::set_draining(owner, true).into(),
        };
        (instruction, vec![&world.node])
    }
}

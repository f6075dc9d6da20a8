//! What every instruction does to a slot of a node in every situation. The node has one slot.

use nosana_client::{
    actions,
    jobs::Error::{
        MarketRetired, NoFreeSlot, NoSuchSlot, NodeInUse, NotEvictable, NotInQueue, NotThisNode,
        WrongState,
    },
};
use nosana_protocol::slot::SlotState::{Claimed, Free, Resting, Running, Waiting};
use nosana_tests::terms::RESULT;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    node_fixture::{NodeFixture, ONE_SLOT, Outcome, Situation},
    signed::SignedCall,
};

use Outcome::{Is, No};
use Situation::{Idle, InRetired, Matched, Queued, Rested, Rests, Took, Wanted, Works};

/// The instructions that use or free a slot.
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

impl Call {
    /// Returns the instruction, signed by a wallet that may send it.
    pub fn sign(self, fixture: &NodeFixture) -> SignedCall<'_> {
        let NodeFixture { ref world, job, ref stored, cell, .. } = *fixture;
        let owner = world.node.pubkey();
        let market = world.market;
        let instruction: Instruction = match self {
            Self::EvictNode => actions::evict_node(owner, market, cell).into(),
            Self::Work => actions::work(owner, market, 1).into(),
            Self::Leave => actions::leave(owner, market, cell).into(),
            Self::Start => actions::start(owner, job, stored).into(),
            Self::Quit => actions::quit(owner, job, stored, owner, 1, actions::NO_DETAIL).into(),
            Self::Heartbeat => actions::heartbeat(owner, job, stored.attempt_id, [0; 32], 0).into(),
            Self::Finish => {
                actions::finish(owner, job, stored, owner, RESULT, actions::NO_TRACE).into()
            }
            Self::UpdateHardware => actions::update_hardware(owner, ONE_SLOT).into(),
            Self::SetDraining => actions::set_draining(owner, true).into(),
        };

        // Anyone may evict.
        let signers = if self == Self::EvictNode { vec![] } else { vec![&world.node] };
        SignedCall { name: format!("{self:?}"), instruction, signers }
    }
}

/// Frequent outcomes, in short.
const QUEUE: Outcome = No(NotInQueue);
const IN_USE: Outcome = No(NodeInUse);
const FULL: Outcome = No(NoFreeSlot);

/// What happens to nodes in a market and to nodes as such. Anyone may evict.
pub const NODE: [Call; 5] =
    [Call::Work, Call::Leave, Call::EvictNode, Call::UpdateHardware, Call::SetDraining];
#[rustfmt::skip]
pub const BY_NODE: [(Situation, [Outcome; 5]); 9] = [
    //            work               leave     evict_node        update_hardware  set_draining
    (Idle,      [Is(Waiting),       QUEUE,    QUEUE,            Is(Free),        Is(Free)]),
    (Wanted,    [Is(Claimed),       QUEUE,    QUEUE,            Is(Free),        Is(Free)]),
    (Queued,    [FULL,              Is(Free), No(NotEvictable), IN_USE,          Is(Waiting)]),
    (InRetired, [No(MarketRetired), Is(Free), Is(Free),         IN_USE,          Is(Waiting)]),
    (Matched,   [FULL,              QUEUE,    QUEUE,            IN_USE,          Is(Waiting)]),
    (Took,      [FULL,              QUEUE,    QUEUE,            IN_USE,          Is(Claimed)]),
    (Works,     [FULL,              QUEUE,    QUEUE,            IN_USE,          Is(Running)]),
    (Rests,     [FULL,              QUEUE,    QUEUE,            IN_USE,          Is(Resting)]),
    (Rested,    [Is(Claimed),       QUEUE,    QUEUE,            Is(Resting),     Is(Resting)]),
];

/// What nodes do with a job.
pub const JOB: [Call; 4] = [Call::Start, Call::Heartbeat, Call::Finish, Call::Quit];
#[rustfmt::skip]
pub const WITH_JOB: [(Situation, [Outcome; 4]); 9] = [
    //            start           heartbeat        finish          quit
    (Idle,      [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Wanted,    [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Queued,    [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (InRetired, [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Matched,   [Is(Running),    No(WrongState),  No(WrongState), Is(Resting)]),
    (Took,      [Is(Running),    No(NotThisNode), No(WrongState), Is(Resting)]),
    (Works,     [No(NoSuchSlot), Is(Running),     Is(Free),       Is(Resting)]),
    (Rests,     [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Rested,    [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
];

impl Situation {
    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check_outcomes(self) {
        let row = |table: &[(Self, [Outcome; 5])]| {
            table.iter().find(|(of, _)| *of == self).map(|(_, row)| *row)
        };
        let with_job = |table: &[(Self, [Outcome; 4])]| {
            table.iter().find(|(of, _)| *of == self).map(|(_, row)| *row)
        };

        let node = NODE.into_iter().zip(row(&BY_NODE).expect("every situation has a row"));
        let job = JOB.into_iter().zip(with_job(&WITH_JOB).expect("every situation has a row"));

        let unchanged = NodeFixture::new(self).await;
        for (call, outcome) in node.chain(job) {
            match outcome {
                No(error) => {
                    call.sign(&unchanged).expect_refusal(&unchanged.world, self, error).await
                }
                Is(state) => {
                    let fixture = NodeFixture::new(self).await;
                    fixture.expect_state(call.sign(&fixture), state).await;
                }
            }
        }
    }
}

situations! {
    9,
    free: Idle,
    free_while_jobs_wait: Wanted,
    waiting: Queued,
    waiting_in_a_retired_market: InRetired,
    matched: Matched,
    claimed: Took,
    running: Works,
    resting: Rests,
    rested: Rested,
}

//! What every instruction does to a slot of a node in every situation. The node has one slot.

use nosana_client::jobs::Error::{
    self, MarketRetired, NoFreeSlot, NoSuchSlot, NodeInUse, NotEvictable, NotInQueue, NotThisNode,
    WrongState,
};

use crate::node_stage::{Call, Scene};

/// What a slot is used for, as `nosana_jobs::state::SlotState` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Free = 0,
    Waiting = 1,
    Offered = 2,
    Running = 3,
    Resting = 4,
}

/// Where the slot stands. The job that instructions name is the one that the slot holds or has just
/// given back; where there is none, one that waits in another market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// `Free`; nothing waits in the market.
    Idle,
    /// `Free`; a job waits in the market.
    Wanted,
    /// `Waiting` in line.
    InLine,
    /// `Waiting` in line of a market that was retired meanwhile.
    InVain,
    /// `Waiting`, but not in line: a job has met the node.
    Met,
    /// `Offered`: it took a waiting job.
    Took,
    /// `Running`.
    Works,
    /// `Resting`, after it gave a job back, which waits again.
    Rests,
    /// `Resting`, and the time for that is over.
    Rested,
}

/// What follows.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It goes through, and the slot is then used for this.
    Is(Slot),
    /// It is refused.
    No(Error),
}

use Outcome::{Is, No};
use Situation::{Idle, InLine, InVain, Met, Rested, Rests, Took, Wanted, Works};
use Slot::{Free, Offered, Resting, Running, Waiting};

/// What happens to nodes in a market and to nodes as such. Anyone may evict.
pub const NODE: [Call; 5] =
    [Call::Work, Call::Leave, Call::EvictNode, Call::UpdateHardware, Call::SetDraining];
#[rustfmt::skip]
pub const BY_NODE: [(Situation, [Outcome; 5]); 9] = [
    //       work               leave           evict_node        update_hardware  set_draining
    (Idle,   [Is(Waiting),       No(NotInQueue), No(NotInQueue),   Is(Free),        Is(Free)]),
    (Wanted, [Is(Offered),       No(NotInQueue), No(NotInQueue),   Is(Free),        Is(Free)]),
    (InLine, [No(NoFreeSlot),    Is(Free),       No(NotEvictable), No(NodeInUse),   Is(Waiting)]),
    (InVain, [No(MarketRetired), Is(Free),       Is(Free),         No(NodeInUse),   Is(Waiting)]),
    (Met,    [No(NoFreeSlot),    No(NotInQueue), No(NotInQueue),   No(NodeInUse),   Is(Waiting)]),
    (Took,   [No(NoFreeSlot),    No(NotInQueue), No(NotInQueue),   No(NodeInUse),   Is(Offered)]),
    (Works,  [No(NoFreeSlot),    No(NotInQueue), No(NotInQueue),   No(NodeInUse),   Is(Running)]),
    (Rests,  [No(NoFreeSlot),    No(NotInQueue), No(NotInQueue),   No(NodeInUse),   Is(Resting)]),
    (Rested, [Is(Offered),       No(NotInQueue), No(NotInQueue),   Is(Resting),     Is(Resting)]),
];

/// What nodes do with a job.
pub const JOB: [Call; 4] = [Call::Start, Call::Heartbeat, Call::Finish, Call::Quit];
#[rustfmt::skip]
pub const WITH_JOB: [(Situation, [Outcome; 4]); 9] = [
    //       start            heartbeat        finish          quit
    (Idle,   [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Wanted, [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (InLine, [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (InVain, [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Met,    [Is(Running),    No(WrongState),  No(WrongState), Is(Resting)]),
    (Took,   [Is(Running),    No(NotThisNode), No(WrongState), Is(Resting)]),
    (Works,  [No(NoSuchSlot), Is(Running),     Is(Free),       Is(Resting)]),
    (Rests,  [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
    (Rested, [No(NoSuchSlot), No(NotThisNode), No(WrongState), No(NoSuchSlot)]),
];

impl Situation {
    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check(self) {
        let row = |table: &[(Self, [Outcome; 5])]| {
            table.iter().find(|(of, _)| *of == self).map(|(_, row)| *row)
        };
        let with_job = |table: &[(Self, [Outcome; 4])]| {
            table.iter().find(|(of, _)| *of == self).map(|(_, row)| *row)
        };
        let node = NODE.into_iter().zip(row(&BY_NODE).expect("every situation has a row"));
        let job = JOB.into_iter().zip(with_job(&WITH_JOB).expect("every situation has a row"));
        let still = Scene::new(self).await;
        for (call, outcome) in node.chain(job) {
            match outcome {
                No(error) => still.refuse(call, error).await,
                Is(slot) => Scene::new(self).await.follow(call, slot).await,
            }
        }
    }
}

macro_rules! situations {
    ($($name:ident: $situation:ident,)*) => {
        /// All of them.
        pub const SITUATIONS: [Situation; 9] = [$(Situation::$situation),*];

        $(#[tokio::test]
        async fn $name() {
            Situation::$situation.check().await;
        })*
    };
}

situations! {
    free: Idle,
    free_while_jobs_wait: Wanted,
    waiting: InLine,
    waiting_in_a_retired_market: InVain,
    met: Met,
    offered: Took,
    running: Works,
    resting: Rests,
    rested: Rested,
}

//! What each slot of a node is used for, as a person would say it.

use anyhow::Result;
use nosana_client::{
    Session,
    jobs::accounts::{Job, Node},
    session::Filter,
};
use nosana_protocol::job::State;
use serde_json::{Value, json};
use solana_address::Address;

/// The bytes of a slot's state in the node's account, see docs/jobs.md.
mod byte {
    pub const WAITING: u8 = 1;
    pub const OFFERED: u8 = 2;
    pub const RUNNING: u8 = 3;
    pub const RESTING: u8 = 4;
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Nothing.
    Free,
    /// It waits in a market's queue.
    Waiting,
    /// It has a job that it has not started.
    Offered(Address),
    /// It runs a job.
    Running(Address),
    /// It rests after a job was given back, until this moment in unix seconds.
    Resting(i64),
}

/// A slot that the node may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotUse {
    /// What for.
    pub state: Use,
    /// The market; zero if it was never used.
    pub market: Address,
    /// Since when, in unix seconds.
    pub since: i64,
    /// Base units of the stake that are locked for it.
    pub collateral: u64,
}

impl Use {
    /// Whether there is a job in the slot.
    pub const fn holds_job(&self) -> bool {
        matches!(self, Self::Offered(_) | Self::Running(_))
    }
}

/// The slots of `node`, as many as its capacity; those beyond it only where they are still in use.
///
/// A slot that waits does not say whether a job has met it: the job does. So the jobs that name the
/// node are read as well.
pub async fn uses(session: &Session, address: &Address, node: &Node) -> Result<Vec<SlotUse>> {
    let now = session.clock().await?.unix_timestamp;
    let matched = match node.slots.iter().any(|slot| slot.state == byte::WAITING) {
        true => {
            let filters = [
                Filter::new(Job::NODE_OFFSET, address),
                Filter::new(Job::STATE_OFFSET, [State::Matched as u8]),
            ];
            let jobs = session.accounts::<Job>(&filters).await?;
            jobs.into_iter().map(|(address, job)| (address, job.market)).collect()
        }
        false => Vec::new(),
    };
    Ok(read(node, matched, now))
}

fn read(node: &Node, mut matched: Vec<(Address, Address)>, now: i64) -> Vec<SlotUse> {
    let all = node.slots.iter().map(|slot| {
        let state = match slot.state {
            byte::WAITING => {
                let met = matched.iter().position(|(_, market)| *market == slot.market);
                met.map_or(Use::Waiting, |met| Use::Offered(matched.swap_remove(met).0))
            }
            byte::OFFERED => Use::Offered(slot.job),
            byte::RUNNING => Use::Running(slot.job),
            byte::RESTING if now <= slot.since => Use::Resting(slot.since),
            _ => Use::Free,
        };
        SlotUse { state, market: slot.market, since: slot.since, collateral: slot.collateral }
    });
    let used = |(index, one): &(usize, SlotUse)| {
        *index < usize::from(node.capacity) || one.state != Use::Free
    };
    all.enumerate().filter(used).map(|(_, one)| one).collect()
}

impl SlotUse {
    /// As JSON.
    pub fn as_json(&self) -> Value {
        let (name, job) = match &self.state {
            Use::Free => return json!({ "state": "free" }),
            Use::Resting(until) => return json!({ "state": "resting", "until": until }),
            Use::Waiting => ("waiting", None),
            Use::Offered(job) => ("offered", Some(job.to_string())),
            Use::Running(job) => ("running", Some(job.to_string())),
        };
        json!({ "state": name, "market": self.market.to_string(), "job": job, "since": self.since,
                "collateral": self.collateral })
    }

    /// For people; `now` is the chain's time in unix seconds.
    pub fn tell(&self, now: i64) -> String {
        let since = now.saturating_sub(self.since).max(0);
        match &self.state {
            Use::Free => "free".to_owned(),
            Use::Waiting => format!("waits in {} for {since} s", self.market),
            Use::Offered(job) => format!("has job {job} and has not started it, for {since} s"),
            Use::Running(job) => format!("runs job {job} for {since} s"),
            Use::Resting(until) => {
                format!("rests for another {} s", until.saturating_sub(now).saturating_add(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::{ProgramAccount, jobs::accounts::Node};
    use solana_address::Address;

    use super::{Use, byte, read};

    #[test]
    fn jobs_that_met_a_waiting_slot_are_found_in_its_market() {
        let [here, there, first, second] =
            [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let mut node = Node::from_data(&[Node::DISCRIMINATOR, &[0; 1_144]].concat()).unwrap();
        node.capacity = 4;
        for (index, (state, market)) in [
            (byte::WAITING, here),
            (byte::WAITING, there),
            (byte::WAITING, there),
            (byte::OFFERED, here),
        ]
        .iter()
        .enumerate()
        {
            (node.slots[index].state, node.slots[index].market) = (*state, *market);
        }
        node.slots[3].job = first;
        let states = |node: &Node, now| -> Vec<Use> {
            read(node, vec![(second, there)], now).into_iter().map(|one| one.state).collect()
        };
        assert_eq!(
            states(&node, 9),
            [Use::Waiting, Use::Offered(second), Use::Waiting, Use::Offered(first)]
        );

        // Beyond the capacity only what is still in use is told; the last second of a rest still
        // belongs to it.
        node.capacity = 2;
        (node.slots[2].state, node.slots[3].state, node.slots[3].since) =
            (byte::RUNNING, byte::RESTING, 20);
        node.slots[2].job = first;
        assert_eq!(states(&node, 20)[2..], [Use::Running(first), Use::Resting(20)]);
        assert_eq!(states(&node, 21)[2..], [Use::Running(first)]);
    }
}

//! What each slot of a node is used for.

use anyhow::Result;
use nosana_client::{
    Session,
    jobs::accounts::{Job, Node},
    session::Filter,
};
use nosana_protocol::{job::State, slot::SlotState, units::UnixTimestamp};
use serde_json::{Value, json};
use solana_address::Address;

/// The use of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotUse {
    /// The slot is free.
    Free,
    /// The slot waits in a market's queue.
    Waiting,
    /// The slot has a job that is not started yet.
    Claimed(Address),
    /// The slot runs a job.
    Running(Address),
    /// The slot rests after the node gave a job back, until this time in unix seconds.
    Resting(i64),
}

/// A slot of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSlot {
    /// What it is used for.
    pub usage: SlotUse,
    /// The market; zero if the slot was never used.
    pub market: Address,
    /// Start of the use, in unix seconds.
    pub since: i64,
    /// Base units of the stake that are locked for the slot.
    pub collateral: u64,
}

/// A job that has matched a waiting slot.
struct MatchedJob {
    address: Address,
    market: Address,
}

impl SlotUse {
    /// Whether the slot has a job.
    pub const fn holds_job(&self) -> bool {
        match self {
            Self::Claimed(_) | Self::Running(_) => true,
            Self::Free | Self::Waiting | Self::Resting(_) => false,
        }
    }
}

/// Fetches the slots of `node`: as many as its capacity, and more only where they are still in use.
///
/// A waiting slot does not record a match: the job does. So this also reads the jobs that name the
/// node.
pub async fn fetch_slots(
    session: &Session,
    address: &Address,
    node: &Node,
) -> Result<Vec<NodeSlot>> {
    let now = session.fetch_clock().await?.unix_timestamp;

    let has_waiting = node.slots.iter().any(|slot| slot.state == SlotState::Waiting as u8);
    let matched = if has_waiting { fetch_matched(session, address).await? } else { Vec::new() };
    Ok(read_slots(node, matched, now))
}

async fn fetch_matched(session: &Session, node: &Address) -> Result<Vec<MatchedJob>> {
    let filters = [
        Filter::new(Job::NODE_OFFSET, node),
        Filter::new(Job::STATE_OFFSET, [State::Matched as u8]),
    ];
    let jobs = session.list_accounts::<Job>(&filters).await?.into_iter();
    Ok(jobs.map(|(address, job)| MatchedJob { address, market: job.market }).collect())
}

fn read_slots(node: &Node, mut matched: Vec<MatchedJob>, now: i64) -> Vec<NodeSlot> {
    let mut take_match = |market: Address| {
        let place = matched.iter().position(|job| job.market == market)?;
        Some(matched.swap_remove(place).address)
    };

    let slots = node.slots.iter().map(|slot| {
        let usage = match SlotState::from_byte(slot.state) {
            Some(SlotState::Waiting) => {
                take_match(slot.market).map_or(SlotUse::Waiting, SlotUse::Claimed)
            }
            Some(SlotState::Claimed) => SlotUse::Claimed(slot.job),
            Some(SlotState::Running) => SlotUse::Running(slot.job),
            Some(SlotState::Resting) if now <= slot.since => SlotUse::Resting(slot.since),
            Some(SlotState::Resting | SlotState::Free) | None => SlotUse::Free,
        };
        NodeSlot { usage, market: slot.market, since: slot.since, collateral: slot.collateral }
    });

    let is_shown = |(index, slot): &(usize, NodeSlot)| {
        *index < usize::from(node.capacity) || slot.usage != SlotUse::Free
    };
    slots.enumerate().filter(is_shown).map(|(_, slot)| slot).collect()
}

impl NodeSlot {
    /// Returns the slot as JSON. A claimed slot's state is `offered` in it, as in earlier releases.
    pub fn to_json(self) -> Value {
        let (state, job) = match self.usage {
            SlotUse::Free => return json!({ "state": "free" }),
            SlotUse::Resting(until) => return json!({ "state": "resting", "until": until }),
            SlotUse::Waiting => ("waiting", None),
            SlotUse::Claimed(job) => ("offered", Some(job.to_string())),
            SlotUse::Running(job) => ("running", Some(job.to_string())),
        };

        json!({
            "state": state,
            "market": self.market.to_string(),
            "job": job,
            "since": self.since,
            "collateral": self.collateral,
        })
    }

    /// Describes the slot's use at `now`.
    pub fn describe(&self, now: UnixTimestamp) -> String {
        let seconds = now.seconds_since(UnixTimestamp(self.since)).0;

        match self.usage {
            SlotUse::Free => "free".to_owned(),
            SlotUse::Waiting => format!("waits in {} for {seconds} s", self.market),
            SlotUse::Claimed(job) => {
                format!("has job {job} and has not started it, for {seconds} s")
            }
            SlotUse::Running(job) => format!("runs job {job} for {seconds} s"),
            SlotUse::Resting(until) => {
                format!("rests for another {} s", until.saturating_sub(now.0).saturating_add(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn jobs_that_matched_a_waiting_slot_are_found_in_its_market() {
        let [here, there, first, second] =
            [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let mut node =
            Node::from_data(&[Node::DISCRIMINATOR, &vec![0; Node::SIZE - 8]].concat()).unwrap();
        node.capacity = 4;
        for (index, (state, market)) in [
            (SlotState::Waiting, here),
            (SlotState::Waiting, there),
            (SlotState::Waiting, there),
            (SlotState::Claimed, here),
        ]
        .into_iter()
        .enumerate()
        {
            node.slots[index].state = state as u8;
            node.slots[index].market = market;
        }
        node.slots[3].job = first;
        let usages = |node: &Node, now| -> Vec<SlotUse> {
            let matched = vec![MatchedJob { address: second, market: there }];
            read_slots(node, matched, now).into_iter().map(|slot| slot.usage).collect()
        };
        assert_eq!(
            usages(&node, 9),
            [SlotUse::Waiting, SlotUse::Claimed(second), SlotUse::Waiting, SlotUse::Claimed(first)]
        );

        // Beyond the capacity only slots in use are shown; the last second of a rest is part of it.
        node.capacity = 2;
        node.slots[2].state = SlotState::Running as u8;
        node.slots[2].job = first;
        node.slots[3].state = SlotState::Resting as u8;
        node.slots[3].since = 20;
        assert_eq!(usages(&node, 20)[2..], [SlotUse::Running(first), SlotUse::Resting(20)]);
        assert_eq!(usages(&node, 21)[2..], [SlotUse::Running(first)]);
    }
}

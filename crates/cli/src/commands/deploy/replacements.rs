//! The replicas that were replaced because they were not healthy. A service that never is must not
//! use up the budget: the more of them in a row, the longer nothing is listed in their place.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use solana_address::Address;

use super::replica::Replica;
use crate::commands::job::dates::format_time;

/// The first delay, in seconds. It doubles each time that as many as the deployment has replicas
/// were not healthy.
const INITIAL_DELAY: u64 = 60;
/// The longest delay, in seconds.
const MAX_DELAY: u64 = 3_600;
/// How many are remembered: some for each replica of the largest deployment.
const MAX_REMEMBERED: usize = 256;

/// What is remembered of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacements {
    /// How many there were since one that was listed later was healthy.
    in_row: u32,
    /// By the numbers of the replicas.
    replaced: BTreeMap<u32, Replaced>,
    /// The replicas that were healthy: when the run began in which they were.
    #[serde(default)]
    healthy: BTreeMap<u32, i64>,
}

/// A replica that was not healthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replaced {
    /// The node that ran it.
    node: Option<String>,
    /// Unix timestamp from which on another may be listed in its place.
    held_until: i64,
}

impl Replacements {
    /// Notes that the replica with this number is not healthy, in a deployment of so many. Returns
    /// whether that is new.
    pub fn note_unhealthy(
        &mut self,
        number: u32,
        node: Option<Address>,
        replicas: usize,
        now: i64,
    ) -> bool {
        if self.replaced.contains_key(&number) {
            return false;
        }

        let replicas = u32::try_from(replicas).unwrap_or(u32::MAX).max(1);
        let held_until = now.saturating_add_unsigned(compute_delay(self.in_row / replicas));
        let node = node.map(|node| node.to_string());
        self.replaced.insert(number, Replaced { node, held_until });
        self.in_row = self.in_row.saturating_add(1);

        while self.replaced.len() > MAX_REMEMBERED {
            self.replaced.pop_first();
        }
        true
    }

    /// Notes that the replica with this number is healthy. If it was listed after the others were
    /// replaced, nothing is held back any more. Returns whether that changes anything.
    pub fn note_healthy(&mut self, number: u32) -> bool {
        let is_later = self.replaced.last_key_value().is_some_and(|(last, _)| number > *last);
        if self.in_row == 0 || !is_later {
            return false;
        }

        self.in_row = 0;
        self.replaced.values_mut().for_each(|replaced| replaced.held_until = i64::MIN);
        true
    }

    /// Notes that a replica is healthy in its run. Returns whether that is new.
    pub fn note_run(&mut self, replica: &Replica) -> bool {
        let Some(started_at) = replica.started_at() else { return false };
        let is_new = self.healthy.insert(replica.number, started_at) != Some(started_at);

        while self.healthy.len() > MAX_REMEMBERED {
            self.healthy.pop_first();
        }
        is_new
    }

    /// Whether a replica was healthy in its run.
    pub fn was_healthy(&self, replica: &Replica) -> bool {
        let healthy_run = self.healthy.get(&replica.number).copied();
        healthy_run.is_some() && healthy_run == replica.started_at()
    }

    /// Whether the replica with this number was not healthy, and is to be stopped.
    pub fn has_replaced(&self, number: u32) -> bool {
        self.replaced.contains_key(&number)
    }

    /// How many were replaced since one that was listed later was healthy.
    pub const fn in_row(&self) -> u32 {
        self.in_row
    }

    /// How many replicas are not listed yet.
    pub fn count_held(&self, now: i64) -> usize {
        self.list_holds(now).count()
    }

    /// Unix timestamp at which the next of them is listed; `None` if none is held back.
    pub fn next_listing(&self, now: i64) -> Option<i64> {
        self.list_holds(now).min()
    }

    /// Why replicas are not listed yet, and until when; `None` if none is held back.
    pub fn describe_delay(&self, now: i64) -> Option<String> {
        let next_listing = self.next_listing(now)?;

        Some(format!(
            "{} replicas in a row were not healthy, `nosana job logs` shows why: the next one is \
             listed at {}",
            self.in_row,
            format_time(next_listing)
        ))
    }

    /// The nodes that ran them.
    pub fn nodes(&self) -> HashSet<Address> {
        let nodes = self.replaced.values().filter_map(|replaced| replaced.node.as_deref());
        nodes.filter_map(|node| node.parse().ok()).collect()
    }

    fn list_holds(&self, now: i64) -> impl Iterator<Item = i64> {
        self.replaced.values().map(|replaced| replaced.held_until).filter(move |until| *until > now)
    }
}

/// The delay in seconds after so many rounds in which no replica was healthy. The first is
/// replaced at once.
fn compute_delay(rounds: u32) -> u64 {
    match rounds.checked_sub(1) {
        None => 0,
        Some(doublings) => {
            INITIAL_DELAY.saturating_mul(2_u64.saturating_pow(doublings)).min(MAX_DELAY)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(byte: u8) -> Address {
        Address::new_from_array([byte; 32])
    }

    #[test]
    fn delays_double_until_a_later_replica_is_healthy() {
        let mut replacements = Replacements::default();
        let delays: Vec<i64> = (1..=9)
            .map(|number| {
                assert!(replacements.note_unhealthy(number, Some(node(1)), 1, 0));
                replacements.list_holds(-1).max().unwrap()
            })
            .collect();
        assert_eq!(delays, [0, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!((replacements.count_held(60), replacements.next_listing(60)), (7, Some(120)));
        let said = replacements.describe_delay(60).unwrap();
        assert!(said.starts_with("9 replicas in a row") && said.contains("00:02:00"), "{said}");

        assert!(!replacements.note_healthy(9), "it is the one that was replaced");
        assert!(replacements.note_healthy(10));
        assert!(!replacements.note_healthy(10));
        assert_eq!((replacements.count_held(0), replacements.in_row()), (0, 0));
        assert!(replacements.note_unhealthy(11, None, 1, 500));
        assert_eq!((replacements.count_held(500), replacements.describe_delay(500)), (0, None));
        assert_eq!(replacements.nodes(), HashSet::from([node(1)]));
    }

    #[test]
    fn each_replica_of_a_round_has_the_same_delay_and_counts_once() {
        let mut replacements = Replacements::default();
        for number in [1, 2, 2, 1] {
            replacements.note_unhealthy(number, Some(node(1)), 2, 0);
        }
        assert_eq!((replacements.count_held(0), replacements.in_row()), (0, 2));
        for number in [3, 4] {
            replacements.note_unhealthy(number, Some(node(2)), 2, 100);
        }

        assert_eq!((replacements.count_held(159), replacements.count_held(160)), (2, 0));
        let written = serde_json::to_string(&replacements).unwrap();
        assert_eq!(serde_json::from_str::<Replacements>(&written).unwrap(), replacements);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut replacements = Replacements::default();
        for number in 0..300 {
            replacements.note_unhealthy(number, None, 64, 0);
        }
        assert_eq!(replacements.replaced.len(), MAX_REMEMBERED);
        assert!(replacements.replaced.contains_key(&299));
    }
}

//! What a deployment does next. Pure: the chain's state in, steps out.

use std::collections::HashSet;

use solana_address::Address;

use super::replica::{Phase, Replica};

/// The time in which listings are counted, in seconds.
const COUNTED_SECONDS: u64 = 600;
/// How many more listings than the paid time explains are allowed for each replica in that time: each
/// locks rent and costs a transaction, also if its node gives up at once.
const SPARE_LISTINGS: usize = 3;

/// What is wanted, and what the market allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// How many replicas run.
    pub replicas: usize,
    /// Unix timestamp of the end of the deployment.
    pub ends_at: i64,
    /// The time for which a job is listed or extended at once, in seconds.
    pub chunk_seconds: u64,
    /// The shortest and the longest timeout in the market, in seconds.
    pub timeout_bounds: (u64, u64),
    /// What a second of a new job costs with its fee, in base units, rounded up. `None` if the
    /// market's price is too high: then nothing is listed. A job that runs keeps its own price.
    pub cost_per_second: Option<u64>,
    /// The most base units to spend.
    pub budget: u64,
    /// How many replicas are not listed yet, because too many before them were not healthy.
    pub held: usize,
    /// How many nodes wait that have no replica, if another node has several.
    pub free_nodes: usize,
}

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// List a job for so many seconds.
    List {
        /// Its timeout.
        timeout_seconds: u64,
    },
    /// List a job that takes the place of one which shares its node: for a node without a replica
    /// alone.
    Move {
        /// Its timeout.
        timeout_seconds: u64,
    },
    /// Extend a job by so many seconds.
    Extend {
        /// The job.
        job: Address,
        /// The seconds.
        added_seconds: u64,
    },
    /// End a job: it is stopped if a node has it, else cancelled.
    End {
        /// The job.
        job: Address,
    },
}

/// What to do, in this order, and whether something was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Whether the budget is too small for all steps.
    pub is_over_budget: bool,
    /// Whether replicas are missing because the market's price is too high.
    pub is_too_expensive: bool,
    /// Whether replicas are missing because too many ended in a short time.
    pub is_held_back: bool,
    /// Whether replicas are missing because too many were not healthy.
    pub is_unhealthy: bool,
}

impl Plan {
    /// Plans for the replicas of a deployment, of which `spent_before` base units went to jobs that
    /// the chain no longer has.
    pub fn compute(goal: &Goal, replicas: &[Replica], spent_before: u64, now: i64) -> Self {
        let committed = replicas.iter().map(|replica| replica.committed);
        let spent = committed.fold(spent_before, u64::saturating_add);
        let mut planner =
            Planner { goal, now, left: goal.budget.saturating_sub(spent), plan: Self::default() };

        planner.end_lost(replicas);
        if now >= goal.ends_at {
            planner.end_all(replicas);
        } else {
            let lasting = planner.extend_jobs(replicas);
            planner.end_excess(&lasting);
            planner.list_missing(lasting.len(), replicas);
            planner.move_replica(&lasting, replicas);
        }
        planner.plan
    }
}

/// A plan that grows.
struct Planner<'a> {
    goal: &'a Goal,
    now: i64,
    /// Base units of the budget that are left.
    left: u64,
    plan: Plan,
}

impl Planner<'_> {
    /// Ends jobs whose node has given up, so that they cost no more, those that no node can start,
    /// and those that are not healthy.
    fn end_lost(&mut self, replicas: &[Replica]) {
        let is_lost = |replica: &&Replica| match replica.phase {
            Phase::Running { has_ended, .. } => has_ended,
            Phase::Stranded | Phase::Unhealthy => true,
            Phase::Waiting | Phase::Over => false,
        };
        let lost = replicas.iter().filter(is_lost);
        self.plan.steps.extend(lost.map(|replica| Step::End { job: replica.address }));
    }

    fn end_all(&mut self, replicas: &[Replica]) {
        let active = replicas.iter().filter(|replica| replica.is_active());
        self.plan.steps.extend(active.map(|replica| Step::End { job: replica.address }));
    }

    /// Extends jobs whose time is nearly over. Returns the active jobs that last: those that cannot
    /// be extended any more need a successor now.
    fn extend_jobs<'r>(&mut self, replicas: &'r [Replica]) -> Vec<&'r Replica> {
        let mut lasting = Vec::new();

        for replica in replicas.iter().filter(|replica| replica.is_active()) {
            let Phase::Running { ends_at, timeout_seconds, .. } = replica.phase else {
                lasting.push(replica);
                continue;
            };
            let left = ends_at.saturating_sub(self.now);
            if left > self.lead_seconds() || ends_at >= self.goal.ends_at {
                lasting.push(replica);
                continue;
            }

            let (_, max_timeout) = self.goal.timeout_bounds;
            let wanted = self.seconds_until_end(ends_at).min(self.goal.chunk_seconds);
            let added_seconds = wanted.min(max_timeout.saturating_sub(timeout_seconds));
            // Too late, or at the market's longest timeout: another job takes over.
            if left <= 0 || added_seconds == 0 {
                continue;
            }
            if self.take_budget(replica.cost_per_second, added_seconds) {
                self.plan.steps.push(Step::Extend { job: replica.address, added_seconds });
            }
            lasting.push(replica);
        }
        lasting
    }

    /// Ends what is too much: jobs that wait, then those that share a node with an older one, then
    /// those that are matched, then the newest. One that shares a node runs until the one in its
    /// place is ready.
    fn end_excess(&mut self, lasting: &[&Replica]) {
        let mut excess = lasting.len().saturating_sub(self.goal.replicas);
        let doubled = find_doubled(lasting);
        let is_running = |replica: &Replica| replica.started_at().is_some() && !replica.is_unready;
        let mut running = lasting.iter().filter(|replica| is_running(replica)).count();
        let rank = |replica: &Replica| match (replica.phase, replica.node) {
            (Phase::Waiting, None) => 0,
            _ if doubled.contains(&replica.address) => 1,
            (Phase::Waiting, Some(_)) => 2,
            _ => 3,
        };

        let mut candidates: Vec<&Replica> = lasting.iter().rev().copied().collect();
        candidates.sort_by_key(|replica| rank(replica));
        for replica in candidates {
            let is_needed =
                rank(replica) == 1 && is_running(replica) && running <= self.goal.replicas;
            if excess == 0 || is_needed {
                break;
            }
            excess -= 1;
            running = running.saturating_sub(is_running(replica).into());
            self.plan.steps.push(Step::End { job: replica.address });
        }
    }

    /// Lists what is missing.
    fn list_missing(&mut self, lasting: usize, replicas: &[Replica]) {
        let listed = self.goal.replicas.saturating_sub(self.goal.held);
        self.plan.is_unhealthy = lasting.max(listed) < self.goal.replicas;

        let mut allowed = self.count_allowed(replicas);
        for _ in lasting..listed {
            if allowed == 0 {
                self.plan.is_held_back = true;
                return;
            }
            allowed -= 1;
            let Some(cost_per_second) = self.goal.cost_per_second else {
                self.plan.is_too_expensive = true;
                return;
            };

            let timeout_seconds = self.first_timeout();
            if self.take_budget(cost_per_second, timeout_seconds) {
                self.plan.steps.push(Step::List { timeout_seconds });
            }
        }
    }

    /// Lists a successor of a replica that shares its node with another one, if another node waits
    /// and the budget has it. No job is left in the queue for that, where any node can take it.
    /// One move at a time, and some time after the last listing, so that a node that does not start
    /// it makes no job after job.
    fn move_replica(&mut self, lasting: &[&Replica], replicas: &[Replica]) {
        let Some(cost_per_second) = self.goal.cost_per_second else { return };
        let timeout_seconds = self.first_timeout();
        let cost = cost_per_second.saturating_mul(timeout_seconds);

        let is_settled = lasting.len() == self.goal.replicas && self.count_recent(replicas) == 0;
        let is_useful = self.goal.free_nodes > 0 && !find_doubled(lasting).is_empty();
        if is_settled && is_useful && cost <= self.left {
            self.left = self.left.saturating_sub(cost);
            self.plan.steps.push(Step::Move { timeout_seconds });
        }
    }

    /// The time for which a job is listed, in seconds.
    fn first_timeout(&self) -> u64 {
        let (min_timeout, max_timeout) = self.goal.timeout_bounds;
        let wanted = self.seconds_until_end(self.now).min(self.goal.chunk_seconds);
        wanted.max(min_timeout).min(max_timeout)
    }

    /// Returns how many jobs may be listed now: a node that gives up at once, or a definition that ends
    /// at once, must not use up the wallet's SOL.
    fn count_allowed(&self, replicas: &[Replica]) -> usize {
        let (_, max_timeout) = self.goal.timeout_bounds;
        let lifetime = self.goal.chunk_seconds.min(max_timeout).max(1);
        let explained = usize::try_from(COUNTED_SECONDS / lifetime).unwrap_or(usize::MAX);
        let of_each = explained.saturating_add(1 + SPARE_LISTINGS);

        of_each.saturating_mul(self.goal.replicas).saturating_sub(self.count_recent(replicas))
    }

    /// Counts the jobs that were listed in the last minutes.
    fn count_recent(&self, replicas: &[Replica]) -> usize {
        let since = self.now.saturating_sub_unsigned(COUNTED_SECONDS);
        replicas.iter().filter(|replica| replica.listed_at > since).count()
    }

    /// How long before its end a job is extended or replaced, in seconds: a quarter of a chunk, so
    /// that this command may be away for a while.
    fn lead_seconds(&self) -> i64 {
        i64::try_from(self.goal.chunk_seconds / 4).unwrap_or(i64::MAX)
    }

    fn seconds_until_end(&self, from: i64) -> u64 {
        u64::try_from(self.goal.ends_at.saturating_sub(from)).unwrap_or_default()
    }

    fn take_budget(&mut self, cost_per_second: u64, seconds: u64) -> bool {
        let cost = cost_per_second.saturating_mul(seconds);

        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.plan.is_over_budget = true;
                false
            }
        }
    }
}

/// The replicas that run on the node of an older one.
fn find_doubled(replicas: &[&Replica]) -> HashSet<Address> {
    let mut nodes = HashSet::new();

    let running = replicas.iter().filter(|replica| replica.started_at().is_some());
    let doubled = running.filter(|replica| replica.node.is_some_and(|node| !nodes.insert(node)));
    doubled.map(|replica| replica.address).collect()
}

#[cfg(test)]
mod tests;

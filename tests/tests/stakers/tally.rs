//! What has happened, so that a gap in the tests shows.

use std::collections::{BTreeMap, BTreeSet};

use nosana_tests::{
    catalogue::{Entry, Program},
    terms::EPOCH,
};

use crate::{
    compare::Dust,
    model::{Model, Outcome},
    step::{Action, Step, Tampering},
};

/// What has happened, in all sequences.
#[derive(Default)]
pub struct Tally {
    /// By kind of operation: how many succeeded, and how many were refused. Situations have
    /// parentheses.
    pub kinds: BTreeMap<String, (u64, u64)>,
    /// The instructions of the catalogue that succeeded, with their program.
    pub succeeded: BTreeSet<(Program, &'static str)>,
    pub refusals: BTreeSet<String>,
    pub operations: u64,
    pub dust: Dust,
}

impl Tally {
    /// Counts a step.
    pub fn count(
        &mut self,
        step: &Step,
        entry: Option<&'static Entry>,
        outcome: &Outcome,
        before: &Model,
        after: &Model,
    ) {
        let name = match step.tampering {
            Tampering::None => step.action.name(),
            Tampering::OtherSigner(_) => "(another signs)".to_owned(),
            Tampering::Unsigned => "(unsigned)".to_owned(),
        };
        let counts = self.kinds.entry(name).or_default();
        match outcome {
            Ok(()) => {
                counts.0 += 1;
                self.succeeded.extend(entry.map(|entry| (entry.program, entry.name)));
            }
            Err(rejection) => {
                counts.1 += 1;
                self.refusals.insert(rejection.refusal().to_string());
            }
        }
        self.operations += 1;
        if outcome.is_ok() {
            for situation in situations(step, before, after) {
                self.kinds.entry(format!("({situation})")).or_default().0 += 1;
            }
        }
    }
}

/// Returns the special situations of a step that succeeded.
fn situations(step: &Step, before: &Model, after: &Model) -> Vec<&'static str> {
    let mut seen = Vec::new();
    match step.action {
        Action::CloseStream { .. } if after.sponsors != before.sponsors => {
            seen.push("stream cancelled")
        }
        Action::CloseStream { .. } => seen.push("stream closed at its end"),
        Action::ExpireMatch { job } if before.owes_penalty(job) => {
            let staker = &before.stakers[before.taken_jobs[&job].who];
            if staker.stake.is_some_and(|stake| stake.unstaked_at != 0) {
                seen.push("slashed in the cooldown");
            }
            let cooling = staker.stake.is_some_and(|stake| {
                stake.given.amount > 0 && stake.given.shares > stake.given.earning
            });
            if cooling {
                seen.push("delegations slashed in their cooldown");
            }
            if staker.position.is_none() {
                seen.push("slashed without a position");
            }
        }
        Action::CloseDelegation { who, to, .. } if before.delegations[&(who, to)].withdrawn > 0 => {
            seen.push("delegation left for good");
        }
        Action::Delegate { who, to, .. } if before.delegations[&(who, to)].shares > 0 => {
            seen.push("delegated more")
        }
        Action::Delegate { to, .. }
            if before.stakers[to]
                .stake
                .is_some_and(|stake| stake.given.amount < stake.given.shares) =>
        {
            seen.push("delegated after a slash");
        }
        Action::Stake { who, .. } if before.stakers[who].position.is_some() => {
            seen.push("stake for an old position")
        }
        Action::Withdraw { who }
            if before.stakers[who].stake.is_some_and(|stake| stake.locked > 0) =>
        {
            seen.push("withdrawn beside collateral");
        }
        _ => {}
    }
    if after.pool.forfeited > before.pool.forfeited {
        seen.push("earnings forfeited");
    }
    let epoch = |model: &Model| model.pool.updated.unsigned_abs() / EPOCH;
    if before.pool.total_weight == 0
        && before.pool.unreleased() > 0
        && after.pool.updated > before.pool.updated
    {
        seen.push("income came back");
    }
    if before.pool.pending > 0 && before.pool.total_weight > 0 && epoch(after) > epoch(before) + 1 {
        seen.push("several epochs at once");
    }
    seen
}

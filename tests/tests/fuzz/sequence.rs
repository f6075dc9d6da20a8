//! A sequence of steps in the runtime and in the model, compared after each of them.

use std::collections::{BTreeMap, BTreeSet};

use nosana_client::jobs;
use nosana_protocol::job::Reason;
use nosana_tests::{
    Failure, Refusal,
    catalogue::{self, Program},
};
use solana_instruction::error::InstructionError;

use crate::{
    actions::Action,
    actors::{MARKETS, TOKEN_ACCOUNTS},
    fixture::Fixture,
    model::{Dispute, Key, Model, Outcome, Rejection, Seat},
    step::{Applied, Step, format_steps},
    tampering::Tampering,
};

/// What has happened, in all sequences of a run.
#[derive(Default)]
pub struct Tally {
    /// By kind of operation: how many succeeded, and how many were refused.
    pub kinds: BTreeMap<String, (u64, u64)>,
    /// The instructions of the catalogue that succeeded, with their program.
    pub succeeded: BTreeSet<(Program, &'static str)>,
    /// All different refusals.
    pub refusals: BTreeSet<String>,
    /// Operations in all.
    pub operations: u64,
}

impl Tally {
    /// Counts the disputes that one operation decided, and the seats that it took from a node.
    fn count_disputes(&mut self, before: &BTreeMap<Key, Dispute>, after: &Model) {
        for (key, old) in before {
            let Some(new) = after.disputes.get(key) else { continue };
            let mut happened = Vec::new();
            if old.outcome != new.outcome {
                happened.push(format!("(decided: {:?})", new.outcome));
                let seated = new.seats.iter().filter(|seat| seat.node.is_some());
                happened.extend(seated.map(|seat| format!("(vote: {:?})", seat.standing)));
            }
            let is_displaced =
                |(old, new): (&Seat, &Seat)| old.node.is_some() && old.node != new.node;
            if old.seats.iter().zip(&new.seats).any(is_displaced) {
                happened.push("(displaced)".to_owned());
            }
            for kind in happened {
                self.kinds.entry(kind).or_default().0 += 1;
            }
        }
    }
}

/// A failed sequence.
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// The steps until then.
    pub steps: Vec<Step>,
}

/// A running sequence.
pub struct Sequence {
    pub fixture: Fixture,
    pub model: Model,
    pub tally: Tally,
    total_balance: u64,
    steps: Vec<Step>,
}

/// A panic prints the steps before it: it is not shrunk.
impl Drop for Sequence {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("a panic after\n{}", format_steps(&self.steps));
        }
    }
}

impl Sequence {
    pub async fn new(tally: Tally) -> Self {
        let (fixture, model) = Fixture::new().await;
        let total_balance = total_balance(&model);
        Self { fixture, model, tally, total_balance, steps: Vec::new() }
    }

    /// Applies a step to the runtime and the model. Fails with what differs afterwards.
    pub async fn apply_step(&mut self, step: &Step) -> Result<(), String> {
        self.steps.push(*step);
        let Some(Applied { transaction, result: outcome }) = step.apply(&self.fixture).await else {
            return Ok(());
        };
        let before = self.model.jobs.map(|job| job.is_some_and(|job| job.reason != Reason::None));
        let disputes = self.model.disputes.clone();

        let predicted = match step.tampering {
            Tampering::None => step.action.apply(&mut self.model),
            _ => Err(Rejection::Tampered),
        };

        self.tally.operations += 1;
        let name = match step.tampering {
            Tampering::None => step.action.name(),
            tampering => format!("(tampered: {tampering:?})"),
        };
        let counts = self.tally.kinds.entry(name).or_default();
        match &outcome {
            Ok(()) => {
                counts.0 += 1;
                let entries = transaction.iter().filter_map(catalogue::identify);
                self.tally.succeeded.extend(entries.map(|entry| (entry.program, entry.name)));
            }
            Err(failure) => {
                counts.1 += 1;
                self.tally.refusals.insert(failure.refusal().to_string());
            }
        }

        for (before, job) in before.iter().zip(&self.model.jobs) {
            if let Some(job) = job.filter(|job| !before && job.reason != Reason::None) {
                self.tally.kinds.entry(format!("(ended: {:?})", job.reason)).or_default().0 += 1;
            }
        }

        self.tally.count_disputes(&disputes, &self.model);

        if !agrees(&outcome, &predicted) {
            let outcome = match outcome {
                Ok(()) => "succeeded".to_owned(),
                Err(failure) => {
                    format!("was refused: {}\n{}", failure.refusal(), failure.logs.join("\n"))
                }
            };
            return Err(format!("{step:?} {outcome}\nthe model predicts {predicted:?}"));
        }

        self.fixture
            .compare(&self.model)
            .await
            .map_err(|difference| format!("after {step:?}: {difference}"))?;

        let now = total_balance(&self.model);
        if now == self.total_balance {
            Ok(())
        } else {
            Err(format!("after {step:?}: {now} base units, not {}", self.total_balance))
        }
    }

    /// Applies an action that must succeed.
    pub async fn must(&mut self, action: impl Into<Action>) -> Result<(), String> {
        let action = action.into();
        if let Err(rejection) = action.apply(&mut self.model.clone()) {
            return Err(format!("{action:?} is refused: {rejection:?}"));
        }
        self.apply_step(&Step::honest(action)).await
    }

    /// Applies an action if the model allows it. Returns whether it did.
    pub async fn may(&mut self, action: impl Into<Action>) -> Result<bool, String> {
        let action = action.into();
        let is_allowed = action.is_allowed(&self.model);
        if is_allowed {
            self.apply_step(&Step::honest(action)).await?;
        }
        Ok(is_allowed)
    }
}

/// All base units, wherever they are, and those that were burnt.
fn total_balance(model: &Model) -> u64 {
    let accounts: u64 = (0..TOKEN_ACCOUNTS).filter_map(|account| model.balances[account]).sum();
    let vaults: u64 = (0..MARKETS).map(|market| model.vault(market)).sum();
    accounts + vaults + model.staked() + model.income + model.burned
}

/// Whether the runtime did what the model predicted.
fn agrees(outcome: &Result<(), Failure>, predicted: &Outcome) -> bool {
    let (failure, rejection) = match (outcome, predicted) {
        (Ok(()), Ok(())) => return true,
        (Err(failure), Err(rejection)) => (failure.refusal(), rejection),
        _ => return false,
    };

    let broken = [
        Refusal::from(jobs::Error::InvariantViolated),
        Refusal::Runtime(InstructionError::ProgramFailedToComplete),
        Refusal::Runtime(InstructionError::ComputationalBudgetExceeded),
    ];
    if broken.contains(&failure) {
        return false;
    }

    match rejection {
        Rejection::Jobs(error) => failure == (*error).into(),
        Rejection::Staking(error) => failure == (*error).into(),
        Rejection::TooLittle => failure == Refusal::too_few_tokens(),
        Rejection::Below => !jobs::Error::ALL.iter().any(|error| failure == (*error).into()),
        Rejection::Tampered => true,
    }
}

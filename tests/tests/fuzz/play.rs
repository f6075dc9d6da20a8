//! Plays a list of steps on a fresh stage and holds the chain against the model after each of them.

use std::collections::{BTreeMap, BTreeSet};

use nosana_client::jobs;
use nosana_protocol::job::Reason;
use nosana_tests::{Failure, Refusal};
use solana_instruction::error::InstructionError;

use crate::{
    cast::{MARKETS, PURSES},
    escape,
    generate::Generator,
    model::{Model, No, Verdict},
    shrink::source,
    stage::Stage,
    step::{Action, Forgery, Step},
};

/// What was seen.
#[derive(Default)]
pub struct Tally {
    /// By kind of operation: how many went through, and how many were refused.
    pub kinds: BTreeMap<String, (u64, u64)>,
    /// All different refusals.
    pub refusals: BTreeSet<String>,
    /// Operations in all.
    pub operations: u64,
}

/// Where a play went wrong.
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// The steps until then.
    pub steps: Vec<Step>,
}

/// A play that goes on.
pub struct Play {
    pub stage: Stage,
    pub model: Model,
    pub tally: Tally,
    total: u64,
    steps: Vec<Step>,
}

/// A panic tells of the steps before it: it is not shrunk.
impl Drop for Play {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("a panic after\n{}", source(&self.steps));
        }
    }
}

/// Where the next steps come from.
pub enum Script<'a> {
    /// Someone who looks at the model and takes so many.
    Invented(&'a mut Generator, usize),
    /// A list.
    Given(&'a [Step]),
}

/// Plays the script, and then lets everybody out.
pub async fn play(script: Script<'_>, tally: Tally) -> Result<Tally, Fault> {
    let mut play = Play::new(tally).await;
    let mut steps = Vec::new();
    let mut script = script;
    loop {
        let next = match &mut script {
            Script::Invented(generator, count) => {
                (steps.len() < *count).then(|| generator.next(&play.model))
            }
            Script::Given(all) => all.get(steps.len()).copied(),
        };
        let Some(step) = next else { break };
        steps.push(step);
        if let Err(what) = play.step(&step).await {
            return Err(Fault { what, steps });
        }
    }
    match escape::all(&mut play).await {
        Ok(()) => Ok(std::mem::take(&mut play.tally)),
        Err(what) => Err(Fault { what: format!("while everybody gets out: {what}"), steps }),
    }
}

impl Play {
    async fn new(tally: Tally) -> Self {
        let (stage, model) = Stage::new().await;
        let total = total(&model);
        Self { stage, model, tally, total, steps: Vec::new() }
    }

    /// Lets a step happen in both worlds; what differs afterwards.
    pub async fn step(&mut self, step: &Step) -> Result<(), String> {
        self.steps.push(*step);
        let Some(outcome) = self.stage.perform(step).await else { return Ok(()) };
        let before = self.model.jobs.map(|job| job.is_some_and(|job| job.reason != Reason::None));
        let predicted = match step.forgery {
            Forgery::Honest => self.model.apply(&step.action),
            _ => Err(No::Forged),
        };
        self.tally.operations += 1;
        let name = match step.forgery {
            Forgery::Honest => step.action.name(),
            forgery => format!("(forged: {forgery:?})"),
        };
        let counts = self.tally.kinds.entry(name).or_default();
        match &outcome {
            Ok(()) => counts.0 += 1,
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
        if !agree(&outcome, &predicted) {
            let outcome = match outcome {
                Ok(()) => "went through".to_owned(),
                Err(failure) => {
                    format!("was refused: {}\n{}", failure.refusal(), failure.logs.join("\n"))
                }
            };
            return Err(format!("{step:?} {outcome}\nthe model says {predicted:?}"));
        }
        self.stage
            .compare(&self.model)
            .await
            .map_err(|difference| format!("after {step:?}: {difference}"))?;
        let now = total(&self.model);
        if now == self.total {
            Ok(())
        } else {
            Err(format!("after {step:?}: {now} base units, not {}", self.total))
        }
    }

    /// An honest step that has to go through.
    pub async fn must(&mut self, action: Action) -> Result<(), String> {
        if let Err(no) = self.model.clone().apply(&action) {
            return Err(format!("{action:?} is refused: {no:?}"));
        }
        self.step(&Step::honest(action)).await
    }

    /// An honest step, if it may.
    pub async fn may(&mut self, action: Action) -> Result<bool, String> {
        let can = self.model.clone().apply(&action).is_ok();
        if can {
            self.step(&Step::honest(action)).await?;
        }
        Ok(can)
    }
}

/// All base units, wherever they are.
fn total(model: &Model) -> u64 {
    let purses: u64 = (0..PURSES).filter_map(|purse| model.purses[purse]).sum();
    let vaults: u64 = (0..MARKETS).map(|market| model.vault(market)).sum();
    purses + vaults + model.staked() + model.income
}

/// Whether the runtime did what the model predicted.
fn agree(outcome: &Result<(), Failure>, predicted: &Verdict) -> bool {
    let (failure, no) = match (outcome, predicted) {
        (Ok(()), Ok(())) => return true,
        (Err(failure), Err(no)) => (failure.refusal(), no),
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
    match no {
        No::Jobs(error) => failure == (*error).into(),
        No::Staking(error) => failure == (*error).into(),
        No::TooLittle => failure == Refusal::too_few_tokens(),
        No::Below => !jobs::Error::ALL.iter().any(|error| failure == (*error).into()),
        No::Forged => true,
    }
}

//! Stakers: sequences of random operations on the staking and rewards programs, in the real runtime and in an exact model
//! side by side; what somebody might try to earn more than a fair share; and the documents' examples, computed anew.
//!
//! After each operation the two must agree on the outcome, be it the exact error, on every field of every account, and
//! on the vaults; and no position may be further from its exact share than a base unit an interaction.
//!
//! `NOSANA_FUZZ_OPERATIONS` says how many operations there are in all, `NOSANA_FUZZ_SEED` with which seed they begin. A
//! failure prints the seed of its sequence and all steps until then.
//!
//! | module | what for |
//! | --- | --- |
//! | [`step`] | what can happen, as plain values |
//! | [`model`], [`stakes`], [`shares`] | what should become of it |
//! | [`pool`], [`exact`] | epochs, the index, and shares as rational numbers |
//! | [`stage`], [`compare`] | the same in the runtime, and the runtime against the model |
//! | [`generate`], [`rng`] | steps from a seed |
//! | [`attacks`] | one attempt each |
//! | [`documents`] | the worked examples and tables in `docs/staking.md` and `docs/rewards.md` |

mod attacks;
mod compare;
mod documents;
mod exact;
mod generate;
mod model;
mod pool;
mod rng;
mod shares;
mod stage;
mod stakes;
mod step;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    time::Instant,
};

use compare::Dust;
use generate::Generator;
use model::No;
use stage::Stage;
use step::{Forgery, Step};

/// Operations of the standard run.
const OPERATIONS: u64 = 10_000;
/// Steps of one sequence. Each has its own seed.
const SEQUENCE: u64 = 2_500;
/// One sequence in so many has a sponsor who can pay more than any supply.
const TREASURES: u64 = 4;
/// Kinds of operations, all of which have to have gone through. Time is one, a foreign stake never does.
const KINDS: usize = 21;
/// Different refusals that have to have been seen.
const REFUSALS: usize = 30;

/// What was seen.
#[derive(Default)]
struct Tally {
    /// By kind of operation: how many went through, and how many were refused.
    kinds: BTreeMap<String, (u64, u64)>,
    refusals: BTreeSet<String>,
    operations: u64,
    dust: Dust,
}

impl Tally {
    fn count(&mut self, step: &Step, verdict: &Result<(), No>) {
        let name = match step.forgery {
            Forgery::Honest => step.action.name(),
            Forgery::Thief(_) => "(another signs)".to_owned(),
            Forgery::Unsigned => "(nobody signs)".to_owned(),
        };
        let counts = self.kinds.entry(name).or_default();
        match verdict {
            Ok(()) => counts.0 += 1,
            Err(no) => {
                counts.1 += 1;
                self.refusals.insert(format!("{}", no.refusal()));
            }
        }
        self.operations += 1;
    }
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Plays the sequence of `seed`, at most `count` steps of it. An error tells what went wrong and after which steps.
async fn play(seed: u64, count: u64, tally: &mut Tally) -> Result<(), String> {
    let treasure = seed.is_multiple_of(TREASURES);
    let (stage, mut model) = Stage::new(treasure).await;
    let (mut generator, mut steps) = (Generator::new(seed, treasure), Vec::new());
    for _ in 0..count {
        let step = generator.next(&model);
        steps.push(step);
        let outcome = stage.perform(&step).await;
        let predicted = model.apply(&step);
        tally.count(&step, &predicted);
        let agree = match (&outcome, predicted) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(failure), Err(no)) if failure.refusal() == no.refusal() => Ok(()),
            (Ok(()), Err(no)) => Err(format!("went through, and should be refused: {no:?}")),
            (Err(failure), predicted) => {
                let (refusal, logs) = (failure.refusal(), failure.logs.join("\n"));
                Err(format!("was refused: {refusal}, and should be {predicted:?}\n{logs}"))
            }
        };
        let agree = match agree {
            Ok(()) => stage.compare(&model, &mut tally.dust).await,
            differs => differs,
        };
        agree.map_err(|what| {
            let all: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
            format!("seed {seed}, step {}:\n{}\n{step:?}: {what}", steps.len(), all.join("\n"))
        })?;
    }
    Ok(())
}

#[tokio::test]
async fn stakes_and_rewards_do_what_the_model_says() {
    let operations = variable("NOSANA_FUZZ_OPERATIONS").unwrap_or(OPERATIONS);
    let fixed = variable("NOSANA_FUZZ_SEED");
    let (begin, mut tally, mut seed) = (Instant::now(), Tally::default(), fixed.unwrap_or(1));
    while tally.operations < operations {
        let count = SEQUENCE.min(operations - tally.operations);
        if let Err(fault) = play(seed, count, &mut tally).await {
            panic!("{fault}");
        }
        seed += 1;
    }
    println!("{:<24}{:>10}{:>10}", "", "done", "refused");
    for (kind, (done, refused)) in &tally.kinds {
        println!("{kind:<24}{done:>10}{refused:>10}");
    }
    println!("{} different refusals:", tally.refusals.len());
    for refusal in &tally.refusals {
        println!("  {refusal}");
    }
    println!("{:?}", tally.dust);
    println!("{} operations in {:.1} s", tally.operations, begin.elapsed().as_secs_f32());
    if operations >= OPERATIONS {
        let done = tally.kinds.values().filter(|(done, _)| *done > 0).count();
        assert_eq!(done, KINDS, "kinds of operations that went through");
        assert!(tally.refusals.len() >= REFUSALS, "only {} different refusals", tally.refusals.len());
    }
}

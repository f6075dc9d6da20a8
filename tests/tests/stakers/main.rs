//! Stakers: sequences of random operations on the staking and rewards programs, in the real runtime
//! and in an exact model side by side; what somebody might try to earn more than a fair share; and
//! the documents' examples, computed anew.
//!
//! After each operation the two must agree on the outcome, be it the exact error, on every field of
//! every account, and on the vaults; and no position may be further from its exact share than a
//! base unit an interaction.
//!
//! `NOSANA_FUZZ_OPERATIONS` says how many operations there are in all, `NOSANA_FUZZ_SEED` with
//! which seed they begin. A failure prints the seed of its sequence and all steps until then.
//!
//! | module | what for |
//! | --- | --- |
//! | [`step`] | what can happen, as plain values |
//! | [`model`], [`stakes`], [`shares`], [`delegations`] | what should become of it |
//! | [`pool`], [`exact`] | epochs, the index, and shares as rational numbers |
//! | [`stage`], [`compare`] | the same in the runtime, and the runtime against the model |
//! | [`generate`], [`rng`] | steps from a seed |
//! | [`seen`] | what has happened, so that nothing goes untested unnoticed |
//! | [`attacks`] | one attempt each |
//! | [`documents`] | the worked examples and tables in `docs/staking.md` and `docs/rewards.md` |

mod attacks;
mod compare;
mod delegations;
mod documents;
mod exact;
mod generate;
mod model;
mod pool;
mod rng;
mod seen;
mod shares;
mod stage;
mod stakes;
mod step;

use std::{env, time::Instant};

use generate::Generator;
use seen::Tally;
use stage::Stage;
use step::Step;

/// Operations of the standard run.
const OPERATIONS: u64 = 10_000;
/// Steps of one sequence. Each has its own seed.
const SEQUENCE: u64 = 2_500;
/// One sequence in so many has a sponsor who can pay more than any supply.
const TREASURES: u64 = 4;
/// Kinds of operations, all of which have to have gone through. Time is one, a foreign stake never
/// does.
const KINDS: usize = 31;
/// Situations that have to have come up: all of [`seen`].
const SITUATIONS: usize = 12;
/// Different refusals that have to have been seen.
const REFUSALS: usize = 40;

fn variable(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The steps of a sequence so far, which a panic tells of.
struct Trace {
    seed: u64,
    steps: Vec<Step>,
}

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {}, {} steps:", self.seed, self.steps.len());
            for step in &self.steps {
                println!("{step:?}");
            }
        }
    }
}

/// Plays the sequence of `seed`, `count` steps of it. Panics with what went wrong.
async fn play(seed: u64, count: u64, tally: &mut Tally) {
    let treasure = seed.is_multiple_of(TREASURES);
    let (stage, mut model) = Stage::new(treasure).await;
    let (mut generator, mut trace) =
        (Generator::new(seed, treasure), Trace { seed, steps: Vec::new() });
    for _ in 0..count {
        let step = generator.next(&model);
        trace.steps.push(step);
        let outcome = stage.perform(&step).await;
        let before = model.clone();
        let predicted = model.apply(&step);
        match (&outcome, predicted) {
            (Ok(()), Ok(())) => {}
            (Err(failure), Err(no)) if failure.refusal() == no.refusal() => {}
            (Ok(()), Err(no)) => panic!("{step:?} went through, and should be refused: {no:?}"),
            (Err(failure), _) => {
                let logs = failure.logs.join("\n");
                panic!(
                    "{step:?} was refused: {}, and should be {predicted:?}\n{logs}",
                    failure.refusal()
                );
            }
        }
        if let Err(unfair) = model.check_fair(&before, &step) {
            panic!("after {step:?}: {unfair}");
        }
        tally.count(&step, &predicted, &before, &model);
        if let Err(difference) = stage.compare(&model, &mut tally.dust).await {
            panic!("after {step:?}: {difference}");
        }
    }
}

#[tokio::test]
async fn stakes_and_rewards_do_what_the_model_says() {
    let operations = variable("NOSANA_FUZZ_OPERATIONS").unwrap_or(OPERATIONS);
    let fixed = variable("NOSANA_FUZZ_SEED");
    let (begin, mut tally, mut seed) = (Instant::now(), Tally::default(), fixed.unwrap_or(1));
    while tally.operations < operations {
        let count = SEQUENCE.min(operations - tally.operations);
        play(seed, count, &mut tally).await;
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
    if fixed.is_none() && operations >= OPERATIONS {
        let done = tally.kinds.values().filter(|(done, _)| *done > 0).count();
        assert_eq!(
            done,
            KINDS + SITUATIONS,
            "kinds of operations that went through, and situations"
        );
        assert!(
            tally.refusals.len() >= REFUSALS,
            "only {} different refusals",
            tally.refusals.len()
        );
    }
}

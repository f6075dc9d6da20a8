//! Stakers: sequences of random operations on the staking and rewards programs, in the real runtime
//! and in an exact model side by side; attempts to earn more than a fair share; and the documents'
//! examples, computed anew.
//!
//! After each operation the two must agree on the outcome, be it the exact error, on every field of
//! every account, and on the vaults; and no position may be further from its exact share than a
//! base unit an interaction.
//!
//! `NOSANA_FUZZ_OPERATIONS` sets the number of operations in all, `NOSANA_FUZZ_SEED` the first
//! seed. A failure prints the seed of its sequence and all steps until then.
//!
//! | module | content |
//! | --- | --- |
//! | [`step`] | what can happen, as plain values |
//! | [`model`], [`stakes`], [`shares`], [`delegations`] | the rules: what should follow |
//! | [`delegated`], [`invariants`] | delegated stake; what must hold in every state |
//! | [`pool`], [`exact`] | epochs, the index, and shares as rational numbers |
//! | [`fixture`], [`instructions`] | the steps in the runtime |
//! | [`compare`] | the runtime against the model |
//! | [`generate`] | steps from a seed |
//! | [`tally`] | what has happened, so that a gap in the tests shows |
//! | [`attacks`] | one attempt each |
//! | [`documents`] | the worked examples and tables in `docs/staking.md` and `docs/rewards.md` |

mod attacks;
mod compare;
mod delegated;
mod delegations;
mod documents;
mod exact;
mod fixture;
mod generate;
mod instructions;
mod invariants;
mod model;
mod pool;
mod shares;
mod stakes;
mod step;
mod tally;

use std::{env, time::Instant};

use fixture::{Applied, Fixture};
use generate::Generator;
use nosana_tests::catalogue::{self, Suite, find_entry};
use step::Step;
use tally::Tally;

/// Operations of the standard run.
const OPERATIONS: u64 = 10_000;
/// Steps of one sequence. Each has its own seed.
const SEQUENCE: u64 = 2_500;
/// One sequence in so many has a sponsor who can pay more than any supply.
const TREASURES: u64 = 4;
/// Actions that are not one instruction of the catalogue. They must have succeeded, too.
const OTHER_ACTIONS: [&str; 5] =
    ["AdvanceClock", "Donate", "ExpireMatch", "SyncDelegated", "TakeJob"];
/// Kinds that must never succeed.
const REFUSED: [&str; 1] = ["SyncWith"];
/// Situations that must have occurred: all of [`tally`].
const SITUATIONS: usize = 13;
/// Different refusals that must have occurred.
const REFUSALS: usize = 40;

fn read_variable(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// The steps of a sequence so far, which a panic prints.
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

/// Runs `count` steps of the sequence of `seed`. Panics with what went wrong.
async fn run_sequence(seed: u64, count: u64, tally: &mut Tally) {
    let treasure = seed.is_multiple_of(TREASURES);
    let (fixture, mut model) = Fixture::new(treasure).await;
    let mut generator = Generator::new(seed, treasure);
    let mut trace = Trace { seed, steps: Vec::new() };

    for _ in 0..count {
        let step = generator.next_step(&model);
        trace.steps.push(step);

        let Applied { entry, result } = fixture.apply(&step).await;

        let before = model.clone();
        let predicted = model.apply(&step);
        match (&result, predicted) {
            (Ok(()), Ok(())) => {}
            (Err(failure), Err(rejection)) if failure.refusal() == rejection.refusal() => {}
            (Ok(()), Err(rejection)) => {
                panic!("{step:?} succeeded, and should be refused: {rejection:?}")
            }
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

        tally.count(&step, entry, &predicted, &before, &model);
        if let Err(difference) = fixture.compare(&model, &mut tally.dust).await {
            panic!("after {step:?}: {difference}");
        }
    }
}

#[tokio::test]
async fn stakes_and_rewards_do_what_the_model_says() {
    let operations = read_variable("NOSANA_FUZZ_OPERATIONS").unwrap_or(OPERATIONS);
    let fixed = read_variable("NOSANA_FUZZ_SEED");
    let begin = Instant::now();
    let mut tally = Tally::default();
    let mut seed = fixed.unwrap_or(1);

    while tally.operations < operations {
        let count = SEQUENCE.min(operations - tally.operations);
        run_sequence(seed, count, &mut tally).await;
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
        check_coverage(&tally);
    }
}

/// Every instruction and every other action must have succeeded, and every situation and many
/// refusals must have occurred.
fn check_coverage(tally: &Tally) {
    let entries = tally.succeeded.iter().filter_map(|(program, name)| find_entry(*program, name));
    catalogue::check(Suite::Stakers, entries);

    let succeeded = |name: &str| tally.kinds.get(name).is_some_and(|(done, _)| *done > 0);
    for name in OTHER_ACTIONS {
        assert!(succeeded(name), "{name} never succeeded");
    }
    let (others, actions): (Vec<_>, Vec<_>) =
        tally.kinds.iter().partition(|(kind, _)| kind.starts_with('('));
    for (name, _) in actions {
        assert_ne!(succeeded(name), REFUSED.contains(&name.as_str()), "{name}");
    }

    let situations = others.iter().filter(|(kind, _)| succeeded(kind)).count();
    assert_eq!(situations, SITUATIONS, "situations: {others:?}");
    let refusals = tally.refusals.len();
    assert!(refusals >= REFUSALS, "only {refusals} different refusals");
}

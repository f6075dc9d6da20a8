//! Sequences of random operations, in the real runtime and in a pure model of the marketplace side
//! by side.
//!
//! After each operation the two must agree: whether it went through, or why it was refused, and on
//! every field of every account. At the end of each sequence entry is paused, all markets are
//! retired, and everybody must still get out.
//!
//! `NOSANA_FUZZ_OPERATIONS` says how many operations there are in all, `NOSANA_FUZZ_SEED` where the
//! seeds begin: with one operation, only the sequence of that seed is played. A failure prints its
//! seed and the shortest list of steps that still fails, as source for `regressions.rs`.
//!
//! | module | what for |
//! | --- | --- |
//! | [`cast`] | who plays, in numbers |
//! | [`step`] | what can happen, as plain values |
//! | [`model`] | what should become of it |
//! | [`stage`], [`perform`], [`forge`] | the same in the runtime, honest or not |
//! | [`compare`] | the runtime against the model |
//! | [`generate`], [`rng`] | steps from a seed |
//! | [`play`], [`escape`] | a whole sequence, and its end |
//! | [`shrink`], [`regressions`] | short failures, and those of the past |

mod cast;
mod compare;
mod escape;
mod forge;
mod generate;
mod model;
mod perform;
mod play;
mod regressions;
mod rng;
mod shrink;
mod stage;
mod step;

use std::{env, time::Instant};

use generate::Generator;
use play::{Fault, Script, Tally, play};

/// Operations of the standard run.
const OPERATIONS: u64 = 40_000;
/// Steps of one sequence. Each has its own seed.
const SEQUENCE: usize = 1_000;
/// How often a longer run tells how far it is, in operations.
const PROGRESS: u64 = 10_000;
/// Kinds of operations that have to have gone through: all.
const KINDS: usize = 42;
/// Ways for a job to end that have to have been seen: all.
const ENDINGS: usize = 9;
/// Different refusals that have to have been seen.
const REFUSALS: usize = 30;

fn variable(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Shortens what failed, and tells how to replay it.
async fn report(seed: Option<u64>, fault: Fault) -> ! {
    let of = seed.map_or_else(String::new, |seed| format!("seed {seed}, "));
    println!("{of}step {}: {}", fault.steps.len(), fault.what);
    println!("all steps:\n{}", shrink::source(&fault.steps));
    let short = shrink::shrink(fault).await;
    panic!(
        "{of}{} steps are enough:\n{}\n{}",
        short.steps.len(),
        shrink::source(&short.steps),
        short.what
    );
}

#[tokio::test]
async fn what_once_went_wrong_does_not_any_more() {
    for (name, steps) in regressions::ALL {
        if let Err(fault) = play(Script::Given(steps), Tally::default()).await {
            println!("{name}");
            report(None, fault).await;
        }
    }
}

#[tokio::test]
async fn the_programs_do_what_the_model_says() {
    let operations = variable("NOSANA_FUZZ_OPERATIONS").unwrap_or(OPERATIONS);
    let fixed = variable("NOSANA_FUZZ_SEED");
    let (begin, mut tally, mut told) = (Instant::now(), Tally::default(), 0);
    let mut seed = fixed.unwrap_or(1);
    while tally.operations < operations {
        let mut generator = Generator::new(seed);
        match play(Script::Invented(&mut generator, SEQUENCE), tally).await {
            Ok(seen) => tally = seen,
            Err(fault) => report(Some(seed), fault).await,
        }
        seed += 1;
        if operations > OPERATIONS && tally.operations / PROGRESS > told {
            told = tally.operations / PROGRESS;
            println!("{} operations, {} s", tally.operations, begin.elapsed().as_secs());
        }
    }
    println!("{:<24}{:>10}{:>10}", "", "done", "refused");
    for (kind, (done, refused)) in &tally.kinds {
        println!("{kind:<24}{done:>10}{refused:>10}");
    }
    println!("{} different refusals:", tally.refusals.len());
    for refusal in &tally.refusals {
        println!("  {refusal}");
    }
    println!("{} operations in {:.1} s", tally.operations, begin.elapsed().as_secs_f32());
    if fixed.is_none() && operations >= OPERATIONS {
        let done = tally.kinds.values().filter(|(done, _)| *done > 0).count();
        assert_eq!(done, KINDS + ENDINGS, "kinds of operations that went through, and of endings");
        assert!(
            tally.refusals.len() >= REFUSALS,
            "only {} different refusals",
            tally.refusals.len()
        );
    }
}

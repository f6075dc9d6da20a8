//! Sequences of random operations, in the real runtime and in a pure model of the marketplace side
//! by side.
//!
//! After each operation the two must agree: whether it succeeded, or why it was refused, and on
//! every field of every account. At the end of each sequence entry is paused, all markets are
//! retired, and every party must still be able to leave.
//!
//! `NOSANA_FUZZ_OPERATIONS` sets the number of operations in all, `NOSANA_FUZZ_SEED` the first
//! seed: with one operation, only the sequence of that seed runs. A failure prints its seed and the
//! shortest list of steps that still fails, as source for `regressions.rs`.
//!
//! | module | content |
//! | --- | --- |
//! | [`actors`] | wallets, nodes and markets, by number |
//! | [`actions`] | what can happen: values, their draw, their instructions |
//! | [`model`] | the rules: what should follow |
//! | [`fixture`], [`lookup`] | the runtime, and what instructions name in it |
//! | [`step`], [`tampering`] | an action in the runtime, honest or not |
//! | [`compare`] | the runtime against the model |
//! | [`generate`], [`draw`] | steps from a seed |
//! | [`sequence`], [`run`], [`wind_down`] | a whole sequence, and its end |
//! | [`shrink`], [`regressions`] | short failures, and those of the past |

mod actions;
mod actors;
mod compare;
mod draw;
mod fixture;
mod generate;
mod lookup;
mod model;
mod regressions;
mod run;
mod sequence;
mod shrink;
mod step;
mod tampering;
mod wind_down;

use std::{env, time::Instant};

use generate::Generator;
use nosana_tests::catalogue::{self, Coverage, Suite, find_entry};
use run::{StepSource, run_sequence};
use sequence::{Fault, Tally};
use step::format_steps;

/// Operations of the standard run.
const OPERATIONS: u64 = 40_000;
/// Steps of one sequence. Each has its own seed.
const SEQUENCE: usize = 1_000;
/// How often a longer run prints its progress, in operations.
const PROGRESS: u64 = 10_000;
/// Actions on stakes and outside the programs. Those of the jobs program are in the catalogue.
const OTHER_ACTIONS: usize = 9;
/// Reasons for the end of a job that must have occurred: all.
const ENDINGS: usize = 11;
/// Outcomes of a dispute that must have occurred: all.
const DECISIONS: usize = 5;
/// What must have become of panelists: all there is.
const STANDINGS: usize = 5;
/// The first seed. The sequences from here on show all that [`check_coverage`] requires, of which
/// some, such as an overruled vote, occurs in no more than one sequence of a hundred.
const FIRST_SEED: u64 = 2_000;
/// Different refusals that must have occurred.
const REFUSALS: usize = 30;

fn read_variable(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// Shortens the failed sequence, and prints how to replay it.
async fn report_fault(seed: Option<u64>, fault: Fault) -> ! {
    let of = seed.map_or_else(String::new, |seed| format!("seed {seed}, "));
    println!("{of}step {}: {}", fault.steps.len(), fault.what);
    println!("all steps:\n{}", format_steps(&fault.steps));

    let short = shrink::shrink_steps(fault).await;
    panic!(
        "{of}{} steps are enough:\n{}\n{}",
        short.steps.len(),
        format_steps(&short.steps),
        short.what
    );
}

#[tokio::test]
async fn what_once_failed_does_not_any_more() {
    for (name, steps) in regressions::ALL {
        if let Err(fault) = run_sequence(StepSource::Recorded(steps), Tally::default()).await {
            println!("{name}");
            report_fault(None, fault).await;
        }
    }
}

#[tokio::test]
async fn the_programs_do_what_the_model_says() {
    let operations = read_variable("NOSANA_FUZZ_OPERATIONS").unwrap_or(OPERATIONS);
    let fixed = read_variable("NOSANA_FUZZ_SEED");
    let begin = Instant::now();
    let mut tally = Tally::default();
    let mut printed = 0;

    let mut seed = fixed.unwrap_or(FIRST_SEED);
    while tally.operations < operations {
        let mut generator = Generator::new(seed);
        match run_sequence(StepSource::Generated(&mut generator, SEQUENCE), tally).await {
            Ok(seen) => tally = seen,
            Err(fault) => report_fault(Some(seed), fault).await,
        }
        seed += 1;
        if operations > OPERATIONS && tally.operations / PROGRESS > printed {
            printed = tally.operations / PROGRESS;
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
        check_coverage(&tally);
    }
}

/// Every action must have succeeded, and every reason and many refusals must have occurred.
fn check_coverage(tally: &Tally) {
    let entries = tally.succeeded.iter().filter_map(|(program, name)| find_entry(*program, name));
    catalogue::check(Suite::Fuzz, entries);

    let (others, actions): (Vec<_>, Vec<_>) =
        tally.kinds.iter().partition(|(kind, _)| kind.starts_with('('));
    let never: Vec<_> = actions.iter().filter(|(_, (done, _))| *done == 0).collect();
    assert!(never.is_empty(), "these actions never succeeded: {never:?}");
    let is_fuzzed =
        |entry: &&catalogue::Entry| entry.coverage(Suite::Fuzz) == Some(Coverage::Covered);
    let expected = catalogue::entries().filter(is_fuzzed).count() + OTHER_ACTIONS;
    assert_eq!(actions.len(), expected, "kinds of actions: {actions:?}");

    let count = |start: &str| others.iter().filter(|(kind, _)| kind.starts_with(start)).count();
    assert_eq!(count("(ended"), ENDINGS, "reasons for the end of a job: {others:?}");
    assert_eq!(count("(decided"), DECISIONS, "outcomes of disputes: {others:?}");
    assert_eq!(count("(vote"), STANDINGS, "what became of panelists: {others:?}");
    assert_eq!(count("(displaced"), 1, "no seat was taken twice: {others:?}");
    let refusals = tally.refusals.len();
    assert!(refusals >= REFUSALS, "only {refusals} different refusals");
}

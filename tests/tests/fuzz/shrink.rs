//! Shortens a failing list of steps: removes ever smaller chunks, as long as it still fails.

use crate::{
    run::{StepSource, run_sequence},
    sequence::{Fault, Tally},
};

/// The most sequences that shrinking runs. Each one sets up its own fixture.
const MAX_RUNS: usize = 400;

/// Returns the shortest failing list that was found, with what fails in it.
pub async fn shrink_steps(fault: Fault) -> Fault {
    let mut best = fault;
    let mut runs = 0;
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut shorter = false;
        let mut from = 0;
        while from < best.steps.len() {
            if runs == MAX_RUNS {
                return best;
            }
            runs += 1;

            let mut steps = best.steps.clone();
            steps.drain(from..(from + size).min(best.steps.len()));
            match run_sequence(StepSource::Recorded(&steps), Tally::default()).await {
                Err(fault) => {
                    best = fault;
                    shorter = true;
                }
                Ok(_) => from += size,
            }
        }

        size = if size == 1 && shorter { 1 } else { size / 2 };
    }
    best
}

//! Makes a failing list of steps short: takes away ever smaller chunks, as long as it still fails.

use crate::{
    play::{Fault, Script, Tally, play},
    step::Step,
};

/// The most plays that shrinking takes. Each one sets up its own stage.
const PLAYS: usize = 400;

/// The shortest failing list that was found, with what fails in it.
pub async fn shrink(fault: Fault) -> Fault {
    let mut best = fault;
    let mut plays = 0;
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut shorter = false;
        let mut from = 0;
        while from < best.steps.len() {
            if plays == PLAYS {
                return best;
            }
            plays += 1;
            let mut steps = best.steps.clone();
            steps.drain(from..(from + size).min(best.steps.len()));
            match play(Script::Given(&steps), Tally::default()).await {
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

/// The steps as the source that replays them.
pub fn source(steps: &[Step]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("    {step:?},")).collect();
    format!("&[\n{}\n]", lines.join("\n"))
}

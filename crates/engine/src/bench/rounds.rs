//! The median time of several rounds.

use std::time::Instant;

use crate::{EngineError, Gpu};

/// Rounds before those that count.
const WARM_UP_ROUNDS: usize = 2;
/// Rounds that count.
const ROUNDS: usize = 5;

/// Returns the median time of a round, in seconds. `check` gets the output of the first round.
pub(super) fn time_rounds<T>(
    gpu: &Gpu,
    round: impl Fn() -> T,
    check: impl Fn(&T) -> Result<(), EngineError>,
) -> Result<f64, EngineError> {
    let mut seconds = Vec::with_capacity(ROUNDS);

    for number in 0..WARM_UP_ROUNDS + ROUNDS {
        gpu.wait_idle()?;
        let start = Instant::now();
        let output = round();
        gpu.wait_idle()?;

        if number >= WARM_UP_ROUNDS {
            seconds.push(start.elapsed().as_secs_f64());
        }
        if number == 0 {
            check(&output)?;
        }
    }

    seconds.sort_by(f64::total_cmp);
    Ok(seconds[ROUNDS / 2])
}

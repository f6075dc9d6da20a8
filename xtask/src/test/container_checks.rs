//! Whether this machine runs containers, so that a run without them says so.

use anyhow::{Context, Result};

use super::{cargo_checks::clippy_cargo, step::Outcome};
use crate::{setup, shell};

/// Opens the container engine as a node does. Fails if one is required and does not work.
pub fn test_engine() -> Result<Outcome> {
    if setup::container::is_disabled() {
        return Ok(Outcome::Skipped("NOSANA_CONTAINER_ENGINE=none: no container runs"));
    }

    let mut cargo = clippy_cargo(&["test", "--locked", "--workspace", "--test", "engine_trial"])?;
    cargo.args(["--", "--nocapture"]);
    match shell::run(setup::container::set_required(&mut cargo)) {
        Ok(()) => Ok(Outcome::Passed),
        Err(error) if setup::container::requires_engine() => {
            Err(error).context(setup::container::OPT_OUT)
        }
        Err(_) => Ok(Outcome::Skipped(
            "NOTICE: no container engine works here, so only refusals of containers are tested",
        )),
    }
}

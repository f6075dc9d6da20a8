//! The commands of a node's owner: setup, status, drain, release, claim.
//!
//! | module | purpose |
//! | --- | --- |
//! | `setup` | a node that is set up, and one that a market would refuse |
//! | `claims` | all that is owed to an owner |
//! | `release` | collateral that a node has kept |
//! | `owner_network` | a network whose clock can be moved |

mod claims;
#[path = "../network/mod.rs"]
mod network;
mod owner_network;
mod release;
mod setup;

use serde_json::Value;

/// The steps of a setup, and whether each sent a transaction.
fn step_outcomes(setup: &Value) -> Vec<(&str, bool)> {
    let steps = setup["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["step"].as_str().unwrap(), step["did"].as_bool().unwrap())).collect()
}

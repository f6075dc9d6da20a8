//! What each benchmark's file contributes.
//!
//! | module | purpose |
//! | --- | --- |
//! | `costs` | the cost of each instruction beside the baseline and the floor, and program sizes |
//! | `measured_cost`, `cost_drawings` | what an instruction costs, and the drawings of `costs` |
//! | `growth` | the same instructions beside many others |
//! | `spread` | the same instructions with random addresses |
//! | `throughput` | what a leader charges for a whole job, and how many blocks have room for |
//! | `throughput_bank` | how many transactions a bank executes in a second |
//! | `throughput_file` | the format of `throughput.json` |
//! | `engine` | the speed of inference |
//! | `faults` | a node that is killed at random |
//! | `scale` | markets with many nodes, by simulation |
//! | `connect` | what connections between clients and nodes cost |

pub mod connect;
mod cost_drawings;
pub mod costs;
pub mod engine;
pub mod faults;
pub mod growth;
pub mod measured_cost;
pub mod scale;
pub mod spread;
#[cfg(test)]
mod tests;
pub mod throughput;
mod throughput_bank;
mod throughput_file;

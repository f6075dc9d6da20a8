//! What each benchmark's file contributes.
//!
//! | module | purpose |
//! | --- | --- |
//! | `costs` | the cost of each instruction beside the baseline and the floor, and program sizes |
//! | `growth` | the same instructions beside many others |
//! | `throughput` | what a leader charges for a whole job, and how many blocks have room for |
//! | `engine` | the speed of inference |
//! | `faults` | a node that is killed at random |
//! | `scale` | markets with many nodes, by simulation |

pub mod costs;
pub mod engine;
pub mod faults;
pub mod growth;
pub mod scale;
pub mod throughput;

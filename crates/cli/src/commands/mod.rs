//! The commands, one file each.

pub mod bench;
pub mod job;
pub mod localnet;
pub mod node;

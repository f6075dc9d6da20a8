//! What the sections read of their files.

mod costs;
mod faults;
mod throughput;

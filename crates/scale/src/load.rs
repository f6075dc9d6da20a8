//! How much work clients list.

use serde::Serialize;

/// How much work clients list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Load {
    /// Its name in tables.
    pub name: &'static str,
    /// Jobs that are listed one by one, as a part of what the slots can run.
    pub single: f64,
    /// Jobs that are listed in batches, as a part of what the slots can run.
    pub batched: f64,
}

/// All loads.
pub const LOADS: [Load; 4] = [
    Load { name: "0.5", single: 0.5, batched: 0.0 },
    Load { name: "0.8", single: 0.8, batched: 0.0 },
    Load { name: "0.95", single: 0.95, batched: 0.0 },
    Load { name: "bursts", single: 0.5, batched: 0.3 },
];

/// The load under which markets are drawn beside each other.
pub const HIGH_LOAD: Load = LOADS[2];

impl Load {
    /// All jobs, as a part of what the slots can run.
    pub const fn total(&self) -> f64 {
        self.single + self.batched
    }
}

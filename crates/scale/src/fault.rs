//! Why a simulation cannot be run.

use thiserror::Error;

/// Why a simulation cannot be run.
#[derive(Debug, Error)]
pub enum Fault {
    /// The figures of the suites `compute` and `throughput` are not JSON.
    #[error("bench/baseline.json is not JSON: {0}; run `cargo xtask bench costs` to see why")]
    Baseline(#[from] serde_json::Error),
    /// The figures of the suite `compute` lack an instruction.
    #[error("bench/baseline.json has no block units of `{0}`; measure it with the suite `compute`")]
    NoCost(&'static str),
    /// The figures of the suite `throughput` lack a transaction.
    #[error(
        "bench/baseline.json has no block units of the transaction `{0}`; write them with \
         `NOSANA_WRITE_BASELINE=1 cargo xtask bench --only throughput`"
    )]
    NoCharge(&'static str),
    /// The scenario makes no sense.
    #[error("cannot simulate this: {0}")]
    Scenario(&'static str),
    /// The engine stopped. Its own errors cannot be shared between threads.
    #[error("the simulation stopped: {0}")]
    Engine(String),
}

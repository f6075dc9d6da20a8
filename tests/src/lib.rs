//! Shared code of the integration tests: the programs' real `.so` files in a real runtime, and a
//! small economy on it.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`catalogue`] | every instruction of the three programs, and the suites that cover it |
//! | [`chain`] | the two runtimes: a bank (`solana-program-test`) and LiteSVM, behind one trait |
//! | [`failure`] | why a transaction failed, comparable with the programs' errors |
//! | [`programs`] | the programs as upgradeable programs, as a cluster holds them |
//! | [`reports`] | where benchmarks write their reports, and what they are compared with |
//! | [`terms`] | the market, the orders and the amounts of the tests |
//! | [`rng`] | random numbers from a seed |
//! | [`world`] | wallets, mint, programs, market; steps of a lifecycle; the audit after each |
//!
//! `cargo xtask build-programs` makes the `.so` files.

pub mod catalogue;
pub mod chain;
pub mod failure;
pub mod programs;
pub mod reports;
pub mod rng;
pub mod terms;
pub mod world;

pub use chain::{Bank, Chain, Executed, Footprint, Lite, MAX_TRANSACTION_BYTES, RentChange};
pub use failure::{Failure, Refusal};
pub use reports::report_folder;
pub use world::World;

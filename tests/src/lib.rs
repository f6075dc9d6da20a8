//! What the integration tests share: the programs' real `.so` files in a real runtime, and a small
//! economy on it.
//!
//! | module | what for |
//! | --- | --- |
//! | [`chain`] | the two runtimes: a bank (`solana-program-test`) and LiteSVM, behind one trait |
//! | [`failure`] | why a transaction failed, comparable with the programs' errors |
//! | [`programs`] | the programs as upgradeable programs, as a cluster holds them |
//! | [`terms`] | the market, the orders and the amounts that the tests play with |
//! | [`world`] | wallets, mint, programs, market; steps of a job's life; the books, audited after every step |
//!
//! `cargo xtask build-programs` makes the `.so` files.

pub mod chain;
pub mod failure;
pub mod programs;
pub mod terms;
pub mod world;

pub use chain::{Bank, Chain, Done, Lite};
pub use failure::{Failure, Refusal};
pub use world::World;

//! The Rust client of the Nosana programs.
//!
//! | module | what for |
//! | --- | --- |
//! | [`jobs`], [`staking`], [`rewards`] | per program: address, instructions, accounts, events, errors |
//! | [`pda`] | addresses that the programs derive |
//! | [`queue`] | who waits in a market |
//! | [`token`] | token accounts, and instructions of the token program |
//! | [`session`] | sending, reading and following over RPC and its websocket |
//! | [`logs`] | events in a transaction's logs |
//! | [`actions`] | instructions with their accounts filled in |
//! | [`due`] | what anyone may do because a clock has run out |
//! | [`earnings`] | what a claim would pay |
//! | [`rules`] | what the protocol's rules say of a job |
//! | [`codec`] | bytes of arguments, accounts and events |
//!
//! The programs' modules are made from the IDLs in `idl/` when this crate is built, so the client
//! knows exactly what clients in other languages know. `cargo doc` shows them.
//!
//! Amounts are base units of NOS (1 NOS = 1,000,000), prices base units per second, times unix
//! seconds.

pub mod actions;
pub mod codec;
pub mod due;
pub mod earnings;
pub mod error;
pub mod failure;
mod generated;
pub mod logs;
pub mod pda;
pub mod queue;
pub mod rules;
pub mod session;
pub mod token;

pub use codec::{DecodeError, ProgramAccount};
pub use error::ClientError;
pub use failure::ProgramError;
pub use generated::{jobs, rewards, staking};
pub use logs::Event;
pub use queue::Queue;
pub use session::{Receipt, SendOptions, Session};

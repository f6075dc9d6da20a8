//! The Rust client of the Nosana programs.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`jobs`], [`staking`], [`rewards`] | a program's address, instructions, accounts, events, errors |
//! | [`actions`] | instructions with their accounts filled in |
//! | [`pda`] | program-derived addresses |
//! | [`session`] | sending transactions, reading and following accounts |
//! | [`queue`] | the queue of a market |
//! | [`token`] | token accounts, and instructions of the token program |
//! | [`logs`] | events in a transaction's logs |
//! | [`rules`], [`due`], [`disputes`], [`earnings`] | the protocol's rules, applied to accounts |
//! | [`error`], [`failure`] | errors of the client, and of the programs |
//! | [`codec`] | the encoding of arguments, accounts and events |
//!
//! The modules of the programs are generated from the IDLs in `idl/` when this crate is built, so
//! this client has the information that clients in other languages have. `cargo doc` shows them.
//!
//! Amounts are base units of NOS (1 NOS = 1,000,000), prices are base units per second, times are
//! unix seconds.
//!
//! # Example
//!
//! Lists a job and waits until it is settled. The complete program is `examples/post_job.rs`; the
//! other examples run a node, stake and claim, and watch events.
//!
//! ```no_run
//! use nosana_client::{ClientError, Session, jobs::accounts::Job};
//! use nosana_protocol::job::State;
//! use solana_address::Address;
//! use solana_signer::Signer;
//!
//! async fn post_job(
//!     session: &Session,
//!     client: &(dyn Signer + Sync),
//!     market: Address,
//!     definition: [u8; 32],
//! ) -> Result<(), ClientError> {
//!     let job = session.list_job(client, market, definition, 600).await?;
//!
//!     let mut updates = session.subscribe_account::<Job>(job);
//!     while let Some(update) = updates.next().await {
//!         if update?.account.is_none_or(|job| job.state == State::Settled as u8) {
//!             break;
//!         }
//!     }
//!     Ok(())
//! }
//! ```

pub mod actions;
pub mod codec;
pub mod disputes;
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

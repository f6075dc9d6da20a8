//! The rules of the Nosana marketplace, its staking and its rewards.
//!
//! Everything here is a pure function over plain values: no accounts, no I/O, no clock of its own,
//! no allocation. The on-chain programs call these functions and store their results; clients call
//! the same functions to predict them. A rule of money or state has no other home.
//!
//! | module | decides |
//! | --- | --- |
//! | [`units`] | quantities as types: amounts, prices, times, rates |
//! | [`seeds`] | seeds of every program-derived address |
//! | [`addresses`] | which seeds derive the accounts of instructions |
//! | [`job`] | the states of a job, and which action leads from one to another |
//! | `job_fields` | macros that read the rules' inputs from a job's account |
//! | [`clocks`] | when each wait of a job runs out |
//! | [`ending`] | how a run ends when neither its node nor its client ends it |
//! | [`endpoint`] | the form of the endpoint that a node announces |
//! | [`settlement`] | the split of the escrow when a job ends |
//! | [`queue`] | the two-sided queue of waiting jobs or nodes |
//! | [`reputation`] | a node's reputation from the settlements of its jobs |
//! | [`dispute`] | how a disputed result is judged, and who pays for it |
//! | [`policy`] | which changes by the admin need a notice, and how long it is |
//! | [`xnos`] | the weight of a stake, and how it is released |
//! | [`slot`] | the states of a node's slot |
//! | [`collateral`] | what a slot uses of the collateral that its node has kept |
//! | [`slashing`] | the split of a slash |
//! | [`delegation`] | the value, rewards and losses of delegated stake |
//! | [`rewards`] | the reward index: how income reaches stakers |
//! | [`stream`] | emission streams: how an emission becomes income |
//! | [`metadata`] | the collection that a token's metadata names |
#![no_std]
// Tests may panic on arithmetic errors.
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::integer_division
    )
)]
#[cfg(test)]
extern crate std;

pub mod addresses;
pub mod clocks;
pub mod collateral;
pub mod delegation;
pub mod dispute;
pub mod ending;
pub mod endpoint;
pub mod job;
mod job_fields;
pub mod metadata;
pub mod policy;
pub mod queue;
pub mod reputation;
pub mod rewards;
pub mod seeds;
pub mod settlement;
pub mod slashing;
pub mod slot;
pub mod stream;
pub mod units;
mod wide;
pub mod xnos;

/// An amount, a time or an index left the range of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

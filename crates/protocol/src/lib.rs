//! The rules of the Nosana marketplace, its staking and its rewards.
//!
//! Everything here is a pure function over plain values: no accounts, no I/O, no clock of its own,
//! no allocation. The on-chain programs call these functions and store what they return; clients
//! call the same ones to predict it. A rule that is not here is not a rule.
//!
//! | module | decides |
//! | --- | --- |
//! | [`units`] | what may be added to what |
//! | [`seeds`] | where each account lives |
//! | [`job`] | which state follows which |
//! | [`clocks`] | when each wait of a job runs out |
//! | [`ending`] | how a run ends when nobody ends it |
//! | [`settlement`] | who gets what when a job ends |
//! | [`queue`] | how the two-sided queue moves |
//! | [`reputation`] | what a node's past says about it |
//! | [`policy`] | what the admin may change, and how fast |
//! | [`xnos`] | the weight of a stake, and how it is released |
//! | [`slot`] | the states of a node's slot |
//! | [`slashing`] | what a slash takes, and where it goes |
//! | [`delegation`] | what delegated stake is worth, earns and loses |
//! | [`rewards`] | how income reaches stakers |
//! | [`stream`] | how an emission becomes income |
//! | [`metadata`] | which collection a token belongs to |
#![no_std]
// Tests are where a wrong sum may stop the program.
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

pub mod clocks;
pub mod delegation;
pub mod ending;
pub mod job;
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

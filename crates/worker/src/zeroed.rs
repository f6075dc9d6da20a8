//! Accounts for unit tests: all zero, to be filled in.

use nosana_client::{
    codec::ProgramAccount,
    jobs::{
        accounts::{Job, Market, Node},
        types::MarketTerms,
    },
};

/// A node without a job.
pub fn node() -> Node {
    read(Node::SIZE)
}

/// A market that asks for nothing.
pub fn market() -> Market {
    read(Market::SIZE)
}

/// The terms of such a market.
pub fn terms() -> MarketTerms {
    market().terms
}

/// A job that nobody listed.
pub fn job() -> Job {
    read(Job::SIZE)
}

fn read<T: ProgramAccount>(size: usize) -> T {
    let mut data = vec![0; size];
    data[..8].copy_from_slice(T::DISCRIMINATOR.as_ref());
    T::from_data(&data).unwrap()
}

//! Accounts for unit tests: all bytes zero, for the test to fill in.

use nosana_client::{
    codec::ProgramAccount,
    jobs::{
        accounts::{Dispute, Job, Market, Node},
        types::MarketTerms,
    },
    staking::accounts::Stake,
};

/// A node without a job.
pub fn zeroed_node() -> Node {
    read_zeroed(Node::SIZE)
}

/// A stake of nothing.
pub fn zeroed_stake() -> Stake {
    read_zeroed(Stake::SIZE)
}

/// A market without requirements.
pub fn zeroed_market() -> Market {
    read_zeroed(Market::SIZE)
}

/// The terms of such a market.
pub fn zeroed_terms() -> MarketTerms {
    zeroed_market().terms
}

/// A job that was never listed.
pub fn zeroed_job() -> Job {
    read_zeroed(Job::SIZE)
}

/// A dispute in which nothing has happened.
pub fn zeroed_dispute() -> Dispute {
    read_zeroed(Dispute::SIZE)
}

fn read_zeroed<T: ProgramAccount>(size: usize) -> T {
    let mut data = vec![0; size];
    data[..8].copy_from_slice(T::DISCRIMINATOR.as_ref());
    T::from_data(&data).unwrap_or_else(|error| panic!("{error:?}"))
}

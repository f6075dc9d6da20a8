//! Addresses that the programs derive. The seeds are the protocol's; integers in them are
//! little-endian.
//!
//! Deriving an address takes some microseconds and searches its bump: keep it where it is used
//! often.

use nosana_protocol::{metadata, seeds};
use solana_address::Address;

use crate::{jobs::ID as JOBS, rewards::ID as REWARDS, staking::ID as STAKING};

fn find(program: &Address, seeds: &[&[u8]]) -> Address {
    Address::find_program_address(seeds, program).0
}

/// The metadata of a mint, which the Token Metadata program keeps.
pub fn metadata(mint: &Address) -> Address {
    find(&metadata::PROGRAM.into(), &[metadata::SEED, &metadata::PROGRAM, mint.as_ref()])
}

/// Addresses of the jobs program.
pub mod jobs {
    use super::{Address, JOBS, find, seeds};

    /// The configuration.
    pub fn config() -> Address {
        find(&JOBS, &[seeds::CONFIG])
    }

    /// The signer by which the program calls staking.
    pub fn authority() -> Address {
        find(&JOBS, &[seeds::AUTHORITY])
    }

    /// The market `id` of `authority`.
    pub fn market(authority: &Address, id: u64) -> Address {
        find(&JOBS, &[seeds::MARKET, authority.as_ref(), &id.to_le_bytes()])
    }

    /// The queue of a market.
    pub fn queue(market: &Address) -> Address {
        find(&JOBS, &[seeds::QUEUE, market.as_ref()])
    }

    /// The token account that holds the escrow of a market's jobs.
    pub fn vault(market: &Address) -> Address {
        find(&JOBS, &[seeds::VAULT, market.as_ref()])
    }

    /// The client's job with this nonce.
    pub fn job(client: &Address, nonce: u64) -> Address {
        find(&JOBS, &[seeds::JOB, client.as_ref(), &nonce.to_le_bytes()])
    }

    /// The node of an authority.
    pub fn node(authority: &Address) -> Address {
        find(&JOBS, &[seeds::NODE, authority.as_ref()])
    }
}

/// Addresses of the staking program.
pub mod staking {
    use super::{Address, STAKING, find, seeds};

    /// The configuration.
    pub fn config() -> Address {
        find(&STAKING, &[seeds::CONFIG])
    }

    /// The stake of an owner.
    pub fn stake(owner: &Address) -> Address {
        find(&STAKING, &[seeds::STAKE, owner.as_ref()])
    }

    /// What `delegator` delegated to a stake.
    pub fn delegation(stake: &Address, delegator: &Address) -> Address {
        find(&STAKING, &[seeds::DELEGATION, stake.as_ref(), delegator.as_ref()])
    }

    /// The token account that holds all stakes and delegations.
    pub fn vault() -> Address {
        find(&STAKING, &[seeds::VAULT])
    }
}

/// Addresses of the rewards program.
pub mod rewards {
    use super::{Address, REWARDS, find, seeds};

    /// The pool.
    pub fn pool() -> Address {
        find(&REWARDS, &[seeds::POOL])
    }

    /// The position of an owner.
    pub fn position(owner: &Address) -> Address {
        find(&REWARDS, &[seeds::POSITION, owner.as_ref()])
    }

    /// An emission stream.
    pub fn stream(owner: &Address, id: u64) -> Address {
        find(&REWARDS, &[seeds::STREAM, owner.as_ref(), &id.to_le_bytes()])
    }

    /// The token account that holds the pool's income.
    pub fn vault() -> Address {
        find(&REWARDS, &[seeds::VAULT])
    }
}

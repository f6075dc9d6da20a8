//! Program-derived addresses. The seeds are in [`nosana_protocol::seeds`]; integers in them are
//! little-endian.
//!
//! Deriving an address takes microseconds, since it searches for the bump: store an address that
//! is used often.

use nosana_protocol::{metadata, seeds};
use solana_address::Address;

use crate::{jobs::ID as JOBS, rewards::ID as REWARDS, staking::ID as STAKING};

fn find_address(program: &Address, seeds: &[&[u8]]) -> Address {
    Address::find_program_address(seeds, program).0
}

/// The metadata account of a mint, which the Token Metadata program owns.
pub fn metadata(mint: &Address) -> Address {
    find_address(&metadata::PROGRAM.into(), &[metadata::SEED, &metadata::PROGRAM, mint.as_ref()])
}

/// Addresses of the jobs program.
pub mod jobs {
    use super::{Address, JOBS, find_address, seeds};

    /// The configuration.
    pub fn config() -> Address {
        find_address(&JOBS, &[seeds::CONFIG])
    }

    /// The signer with which the program calls staking.
    pub fn authority() -> Address {
        find_address(&JOBS, &[seeds::AUTHORITY])
    }

    /// The market `id` of `authority`.
    pub fn market(authority: &Address, id: u64) -> Address {
        find_address(&JOBS, &[seeds::MARKET, authority.as_ref(), &id.to_le_bytes()])
    }

    /// The queue of a market.
    pub fn queue(market: &Address) -> Address {
        find_address(&JOBS, &[seeds::QUEUE, market.as_ref()])
    }

    /// The token account that holds the escrow of a market's jobs.
    pub fn vault(market: &Address) -> Address {
        find_address(&JOBS, &[seeds::VAULT, market.as_ref()])
    }

    /// The client's job with this nonce.
    pub fn job(client: &Address, nonce: u64) -> Address {
        find_address(&JOBS, &[seeds::JOB, client.as_ref(), &nonce.to_le_bytes()])
    }

    /// The dispute over the result of this attempt of a job.
    pub fn dispute(job: &Address, attempt_id: u64) -> Address {
        find_address(&JOBS, &[seeds::DISPUTE, job.as_ref(), &attempt_id.to_le_bytes()])
    }

    /// The weight of all nodes that are enrolled for panels.
    pub fn panelists() -> Address {
        find_address(&JOBS, &[seeds::PANELISTS])
    }

    /// The node of an authority.
    pub fn node(authority: &Address) -> Address {
        find_address(&JOBS, &[seeds::NODE, authority.as_ref()])
    }
}

/// Addresses of the staking program.
pub mod staking {
    use super::{Address, STAKING, find_address, seeds};

    /// The configuration.
    pub fn config() -> Address {
        find_address(&STAKING, &[seeds::CONFIG])
    }

    /// The stake of an owner.
    pub fn stake(owner: &Address) -> Address {
        find_address(&STAKING, &[seeds::STAKE, owner.as_ref()])
    }

    /// The delegation of `delegator` to a stake.
    pub fn delegation(stake: &Address, delegator: &Address) -> Address {
        find_address(&STAKING, &[seeds::DELEGATION, stake.as_ref(), delegator.as_ref()])
    }

    /// The token account that holds all stakes and delegations.
    pub fn vault() -> Address {
        find_address(&STAKING, &[seeds::VAULT])
    }
}

/// Addresses of the rewards program.
pub mod rewards {
    use super::{Address, REWARDS, find_address, seeds};

    /// The pool.
    pub fn pool() -> Address {
        find_address(&REWARDS, &[seeds::POOL])
    }

    /// The position of an owner.
    pub fn position(owner: &Address) -> Address {
        find_address(&REWARDS, &[seeds::POSITION, owner.as_ref()])
    }

    /// The emission stream `id` of `owner`.
    pub fn stream(owner: &Address, id: u64) -> Address {
        find_address(&REWARDS, &[seeds::STREAM, owner.as_ref(), &id.to_le_bytes()])
    }

    /// The token account that holds the pool's income.
    pub fn vault() -> Address {
        find_address(&REWARDS, &[seeds::VAULT])
    }
}

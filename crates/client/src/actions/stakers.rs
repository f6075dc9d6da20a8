//! Instructions of stakers, and of owners of emission streams.

use solana_address::Address;

use crate::{
    pda, rewards::instructions as rewards, staking::instructions as staking,
    token::associated_address,
};

/// Opens the owner's stake from its associated token account.
pub fn open_stake(
    owner: Address,
    mint: Address,
    amount: u64,
    duration_seconds: u64,
) -> staking::OpenStake {
    staking::OpenStake {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        source: associated_address(&owner, &mint),
        position: pda::rewards::position(&owner),
        amount,
        duration_seconds,
    }
}

/// Starts the cooldown of the owner's stake.
pub fn unstake(owner: Address) -> staking::Unstake {
    staking::Unstake {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
    }
}

/// Starts the cooldown of the owner's stake a day later, without a call of the rewards program.
pub fn unstake_unsettled(owner: Address) -> staking::UnstakeUnsettled {
    staking::UnstakeUnsettled { owner, stake: pda::staking::stake(&owner) }
}

/// Pays the amount that the cooldown has released into the owner's associated token account.
pub fn withdraw(owner: Address, mint: Address) -> staking::Withdraw {
    staking::Withdraw {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Opens a position in the reward pool with the weight of the owner's stake.
pub fn enter(owner: Address) -> rewards::Enter {
    rewards::Enter {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
    }
}

/// Settles a position and sets it to its stake's current weight.
pub fn sync(owner: Address) -> rewards::Sync {
    rewards::Sync { position: pda::rewards::position(&owner), stake: pda::staking::stake(&owner) }
}

/// Adds income to the reward pool from the authority's associated token account.
pub fn fund(authority: Address, mint: Address, amount: u64) -> rewards::Fund {
    rewards::Fund {
        authority,
        vault: pda::rewards::vault(),
        source: associated_address(&authority, &mint),
        amount,
    }
}

/// Makes income of what has arrived in the pool's vault, such as fees that a market swept.
pub fn count_income() -> rewards::CountIncome {
    rewards::CountIncome { vault: pda::rewards::vault() }
}

/// Pays the earnings of the owner's position into the owner's associated token account.
pub fn claim(owner: Address, mint: Address) -> rewards::Claim {
    rewards::Claim {
        owner,
        position: pda::rewards::position(&owner),
        stake: pda::staking::stake(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Settles the owner's position, sets it to its stake's current weight, and pays its earnings, if
/// any, into the owner's associated token account.
pub fn harvest(owner: Address, mint: Address) -> rewards::Harvest {
    rewards::Harvest {
        owner,
        position: pda::rewards::position(&owner),
        stake: pda::staking::stake(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Adds to the owner's stake from its associated token account.
pub fn top_up_stake(owner: Address, mint: Address, amount: u64) -> staking::TopUp {
    staking::TopUp {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        source: associated_address(&owner, &mint),
        position: pda::rewards::position(&owner),
        amount,
    }
}

/// Extends the cooldown of the owner's stake.
pub fn extend_stake(owner: Address, duration_seconds: u64) -> staking::Extend {
    staking::Extend {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
        duration_seconds,
    }
}

/// Ends the cooldown of the owner's stake, and stakes what remains again.
pub fn restake(owner: Address) -> staking::Restake {
    staking::Restake {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
    }
}

/// Adds the earnings of the owner's position to the owner's stake.
pub fn compound(owner: Address) -> staking::Compound {
    staking::Compound {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        position: pda::rewards::position(&owner),
    }
}

/// Pays the earnings of the owner's position into the owner's associated token account, and closes
/// the position.
pub fn exit(owner: Address, mint: Address) -> rewards::Exit {
    rewards::Exit {
        owner,
        position: pda::rewards::position(&owner),
        stake: pda::staking::stake(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// The terms of an emission stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// Distinguishes the streams of one owner; part of the stream's address.
    pub id: u64,
    /// Base units that the stream pays in total.
    pub amount: u64,
    /// Start of the stream, in unix seconds.
    pub start: i64,
    /// End of the stream, in unix seconds; all of it is due then.
    pub end: i64,
    /// Whether the owner may cancel the stream.
    pub cancellable: bool,
}

/// Opens an emission stream from the owner's associated token account.
pub fn open_stream(owner: Address, mint: Address, emission: Emission) -> rewards::OpenStream {
    rewards::OpenStream {
        owner,
        stream: pda::rewards::stream(&owner, emission.id),
        vault: pda::rewards::vault(),
        source: associated_address(&owner, &mint),
        id: emission.id,
        amount: emission.amount,
        start: emission.start,
        end: emission.end,
        cancellable: emission.cancellable,
    }
}

/// Moves the due amount of a stream into the reward pool.
pub fn drip(stream: Address) -> rewards::Drip {
    rewards::Drip { stream }
}

/// Closes a stream of `owner` that has ended, or cancels it. The owner's associated token account
/// receives the rest.
pub fn close_stream(
    authority: Address,
    owner: Address,
    mint: Address,
    id: u64,
) -> rewards::CloseStream {
    rewards::CloseStream {
        authority,
        owner,
        stream: pda::rewards::stream(&owner, id),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

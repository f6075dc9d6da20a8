//! What stakers do.

use solana_address::Address;

use crate::{
    pda, rewards::instructions as rewards, staking::instructions as staking,
    token::associated_address,
};

/// Opens the owner's stake from its associated token account.
pub fn stake(owner: Address, mint: Address, amount: u64, duration_seconds: u64) -> staking::Stake {
    staking::Stake {
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

/// Takes what the cooldown has released, to the owner's associated token account.
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

/// Settles a position and gives it its stake's weight of now.
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

/// Takes what the owner's position has earned, to its associated token account.
pub fn claim(owner: Address, mint: Address) -> rewards::Claim {
    rewards::Claim {
        owner,
        position: pda::rewards::position(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Settles the owner's position, gives it its stake's weight of now, and takes what it has earned,
/// if anything.
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

/// Makes the cooldown of the owner's stake longer.
pub fn extend_stake(owner: Address, duration_seconds: u64) -> staking::Extend {
    staking::Extend {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
        duration_seconds,
    }
}

/// Breaks the cooldown of the owner's stake off.
pub fn restake(owner: Address) -> staking::Restake {
    staking::Restake {
        owner,
        stake: pda::staking::stake(&owner),
        position: pda::rewards::position(&owner),
    }
}

/// Adds what the owner's position has earned to its stake.
pub fn compound(owner: Address) -> staking::Compound {
    staking::Compound {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&owner),
    }
}

/// Takes what the owner's position has earned to its associated token account, and closes the
/// position.
pub fn exit(owner: Address, mint: Address) -> rewards::Exit {
    rewards::Exit {
        owner,
        position: pda::rewards::position(&owner),
        vault: pda::rewards::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// When an emission stream pays, and whether it may be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// Tells the streams of one owner apart.
    pub id: u64,
    /// Base units that it pays altogether.
    pub amount: u64,
    /// When it begins, in unix seconds.
    pub start: i64,
    /// When all of it is due, in unix seconds.
    pub end: i64,
    /// Whether its owner may cancel it.
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

/// Turns what is due of a stream into income.
pub fn drip(stream: Address) -> rewards::Drip {
    rewards::Drip { stream }
}

/// Closes a stream of `owner` that ended, or cancels it; what is left goes to the owner's
/// associated token account.
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

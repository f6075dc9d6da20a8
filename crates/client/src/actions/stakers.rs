//! What stakers do.

use solana_address::Address;

use crate::{pda, rewards::instructions as rewards, staking::instructions as staking, token::associated_address};

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
    staking::Unstake { owner, stake: pda::staking::stake(&owner), position: pda::rewards::position(&owner) }
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
    rewards::Enter { owner, stake: pda::staking::stake(&owner), position: pda::rewards::position(&owner) }
}

/// Settles a position and gives it its stake's weight of now.
pub fn sync(owner: Address) -> rewards::Sync {
    rewards::Sync { position: pda::rewards::position(&owner), stake: pda::staking::stake(&owner) }
}

/// Adds income to the reward pool from the authority's associated token account.
pub fn fund(authority: Address, mint: Address, amount: u64) -> rewards::Fund {
    rewards::Fund { authority, vault: pda::rewards::vault(), source: associated_address(&authority, &mint), amount }
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

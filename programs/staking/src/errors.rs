//! What the staking program refuses, in the words that clients show.

use anchor_lang::prelude::*;
use nosana_program_common::stake::Stake;
use nosana_protocol::Overflow;

#[error_code]
pub enum StakingError {
    #[msg("An amount left its range; nothing was changed")]
    Overflow,
    #[msg(
        "The amount is smaller than the minimum that the configuration names; stake or delegate more"
    )]
    AmountTooSmall,
    #[msg("The duration must be between 14 and 365 days, in seconds")]
    DurationOutOfRange,
    #[msg("The stake is already in its cooldown")]
    AlreadyUnstaked,
    #[msg("The stake is not in its cooldown; unstake first")]
    NotUnstaked,
    #[msg(
        "Nothing can be withdrawn yet: wait for the cooldown, or for the jobs that hold collateral to end"
    )]
    NothingToWithdraw,
    #[msg("The stake still holds tokens; withdraw them first")]
    StakeNotEmpty,
    #[msg("Only the authority of the jobs program may lock, release or slash collateral")]
    NotJobsAuthority,
    #[msg("The stake has too little free collateral; stake more or wait for running jobs to end")]
    InsufficientCollateral,
    #[msg("More is to be released or slashed than is locked")]
    LockTooSmall,
    #[msg("Only the owner of the stake may do this")]
    NotOwner,
    #[msg("The account is not the one that the stake or the configuration names")]
    WrongAccount,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
    #[msg("The stored state contradicts itself")]
    InvariantViolated,
    #[msg("The mint must have 6 decimals and nobody who can freeze accounts")]
    UnsuitableMint,
    #[msg("Entry is paused by the guardian: nothing new can come in; everything can still leave")]
    Paused,
    #[msg("Only the admin may do this")]
    NotAdmin,
    #[msg("Only the guardian or the admin may do this")]
    NotGuardian,
    #[msg("Only the one who was proposed may accept")]
    NotProposed,
    #[msg("The new duration must be longer than the one of now")]
    NotLonger,
    #[msg(
        "The policy's values must lie in their bounds: a minimum of 1 to 10,000 NOS, a reporter's share of at most half"
    )]
    PolicyOutOfRange,
    #[msg(
        "No policy is announced whose notice is over, or it was announced more than 14 days before"
    )]
    NothingAnnounced,
    #[msg("The commission must be at most 10,000 basis points")]
    CommissionOutOfRange,
    #[msg(
        "The stake's delegations have no position in the reward pool yet; call enter_delegated of the rewards program"
    )]
    NoPosition,
    #[msg("The node accepts no delegations now")]
    NotAccepting,
    #[msg("The node's commission is higher than you allow")]
    CommissionTooHigh,
    #[msg(
        "What is delegated to the node was slashed to nothing; it must first close the delegations that are worth nothing"
    )]
    WorthlessShares,
    #[msg("Only the delegator or the owner of the stake may do this")]
    NotDelegator,
    #[msg("The delegation is already in its cooldown")]
    AlreadyUndelegated,
    #[msg("The delegation is not in its cooldown; undelegate first")]
    NotUndelegated,
    #[msg("The tokens go to an account that the delegator owns")]
    NotDelegatorsAccount,
    #[msg("There is nothing to claim")]
    NothingToClaim,
    #[msg("The delegation still holds tokens; undelegate, withdraw and claim first")]
    DelegationNotEmpty,
    #[msg(
        "Delegations or commission are left; close the delegations and claim the commission first"
    )]
    DelegationsLeft,
    #[msg("The cooldown of delegations to this node is longer than you allow")]
    CooldownTooLong,
}

/// An overflow in the protocol, as this program's error.
pub fn overflow(_: Overflow) -> ProgramError {
    StakingError::Overflow.into()
}

/// Fails unless the stake holds together; called at the end of every instruction that changes one.
pub fn check(stake: &Stake) -> Result<()> {
    require!(stake.is_sound(), StakingError::InvariantViolated);
    Ok(())
}

//! What the staking program refuses, in the words that clients show.

use anchor_lang::prelude::*;
use nosana_onchain::stake::Stake;
use nosana_protocol::Overflow;

#[error_code]
pub enum StakingError {
    #[msg("An amount left its range; nothing was changed")]
    Overflow,
    #[msg("The stake is smaller than one NOS; stake more")]
    AmountTooSmall,
    #[msg("The duration must be between 14 and 365 days, in seconds")]
    DurationOutOfRange,
    #[msg("The stake is already in its cooldown")]
    AlreadyUnstaked,
    #[msg("The stake is not in its cooldown; unstake first")]
    NotUnstaked,
    #[msg("Nothing can be withdrawn yet: wait for the cooldown, or for the jobs that hold collateral to end")]
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

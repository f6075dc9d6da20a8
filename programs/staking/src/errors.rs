//! Errors of the staking program, with the messages that clients show.

use anchor_lang::prelude::*;
use nosana_protocol::Overflow;

#[error_code(offset = 6100)]
pub enum StakingError {
    #[msg("An amount, a weight or a time overflows; nothing was changed")]
    Overflow,
    #[msg("The amount is below the minimum in the configuration; stake or delegate more")]
    AmountTooSmall,
    #[msg("The duration must be between 14 and 365 days, in seconds")]
    DurationOutOfRange,
    #[msg("The stake is already in its cooldown")]
    AlreadyUnstaked,
    #[msg("The stake is not in its cooldown; unstake first")]
    NotUnstaked,
    #[msg(
        "Nothing can be withdrawn yet; wait for the cooldown or for the end of the jobs that lock \
         collateral"
    )]
    NothingToWithdraw,
    #[msg("The stake still holds tokens; withdraw them first")]
    StakeNotEmpty,
    #[msg("Only the authority of the jobs program may lock, release or slash collateral")]
    NotJobsAuthority,
    #[msg("The stake has too little free collateral; stake more or wait for running jobs to end")]
    InsufficientCollateral,
    #[msg("The amount to release or slash is more than what is locked")]
    LockTooSmall,
    #[msg("Only the owner of the stake may do this")]
    NotOwner,
    #[msg("The account is not the one that the stake or the configuration names")]
    WrongAccount,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
    #[msg("The stored state is inconsistent; nothing was changed")]
    InvariantViolated,
    #[msg("The mint must have 6 decimals and no freeze authority")]
    UnsuitableMint,
    #[msg("The guardian has paused entry; nothing new can come in, everything can still leave")]
    Paused,
    #[msg("Only the admin may do this")]
    NotAdmin,
    #[msg("Only the guardian or the admin may do this")]
    NotGuardian,
    #[msg("Only the proposed admin may accept")]
    NotProposed,
    #[msg("The new duration must be longer than the current one")]
    NotLonger,
    #[msg(
        "The policy is out of its bounds; the minimum must be 1 to 10,000 NOS, the reporter's \
         share at most 5,000 basis points"
    )]
    PolicyOutOfRange,
    #[msg(
        "No announced policy can be applied now; it can be from the end of its notice, for 14 days"
    )]
    NothingAnnounced,
    #[msg("The commission must be at most 10,000 basis points")]
    CommissionOutOfRange,
    #[msg(
        "There is no position in the reward pool yet; call enter of the rewards program, or \
         enter_delegated for what is delegated to a stake"
    )]
    NoPosition,
    #[msg("The node does not accept delegations")]
    NotAccepting,
    #[msg("The node's commission is higher than your maximum")]
    CommissionTooHigh,
    #[msg(
        "A slash left the node's delegations worthless; the node must undelegate and close them \
         before it can receive new ones"
    )]
    WorthlessShares,
    #[msg("Only the delegator or the owner of the stake may do this")]
    NotDelegator,
    #[msg("The delegation is already in its cooldown")]
    AlreadyUndelegated,
    #[msg("The delegation is not in its cooldown; undelegate first")]
    NotUndelegated,
    #[msg("The destination must be a token account that the delegator owns")]
    NotDelegatorsAccount,
    #[msg("There is nothing to claim")]
    NothingToClaim,
    #[msg("The delegation still holds tokens; undelegate, withdraw and claim first")]
    DelegationNotEmpty,
    #[msg(
        "The stake has open delegations or unclaimed commission; close the delegations and claim \
         the commission first"
    )]
    DelegationsLeft,
    #[msg("The cooldown of delegations to this node is longer than your maximum")]
    CooldownTooLong,
    #[msg("Only the delegator may withdraw before the cooldown is over")]
    CooldownRuns,
    #[msg("The reporter's part is more than half of what is taken")]
    ReporterPartTooLarge,
}

/// Maps an overflow in the protocol to this program's error.
pub fn overflow_error(_: Overflow) -> ProgramError {
    StakingError::Overflow.into()
}

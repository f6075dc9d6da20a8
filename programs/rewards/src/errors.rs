//! Errors of the rewards program, with the messages that clients show.

use anchor_lang::prelude::*;
use nosana_program_common::stake::UnreadableStake;
use nosana_protocol::Overflow;

#[error_code(offset = 6200)]
pub enum RewardsError {
    #[msg("An amount, a weight or a time overflows; nothing was changed")]
    Overflow,
    #[msg("An epoch must last between one minute and 30 days, in seconds")]
    EpochOutOfRange,
    #[msg("The account is not the stake that the position belongs to")]
    WrongStake,
    #[msg("Only the owner of the position or the stake may do this")]
    NotOwner,
    #[msg("The stake has no weight; it is in its cooldown or was slashed to nothing")]
    NoWeight,
    #[msg("The position has earned nothing yet; wait for the next epoch")]
    NothingToClaim,
    #[msg("The account is not the one that the pool or the stream names")]
    WrongAccount,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
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
    #[msg("A stream must begin now or later and last between one second and ten years")]
    StreamOutOfRange,
    #[msg("The amount must be more than zero")]
    ZeroAmount,
    #[msg("The stream cannot be cancelled; it was opened as not cancellable")]
    NotCancellable,
    #[msg("Nothing of the stream is due yet")]
    NothingDue,
    #[msg("The stream has not ended; only its owner may close it before its end")]
    StreamRuns,
    #[msg("The stored state is inconsistent; nothing was changed")]
    InvariantViolated,
    #[msg("Nothing has arrived in the vault since its income was last counted")]
    NothingArrived,
    #[msg("The stake cannot be read; the staking program has another layout than this program")]
    UnreadableStake,
}

/// Maps an overflow in the protocol to this program's error.
pub fn overflow_error(_: Overflow) -> ProgramError {
    RewardsError::Overflow.into()
}

/// Maps a stake that cannot be read to this program's error.
pub fn unreadable_stake_error(_: UnreadableStake) -> ProgramError {
    RewardsError::UnreadableStake.into()
}

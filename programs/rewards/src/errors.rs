//! What the rewards program refuses, in the words that clients show.

use anchor_lang::prelude::*;

#[error_code]
pub enum RewardsError {
    #[msg("An amount left its range; nothing was changed")]
    Overflow,
    #[msg("An epoch must last between one minute and 30 days, in seconds")]
    EpochOutOfRange,
    #[msg("The account is not the stake that the position belongs to")]
    WrongStake,
    #[msg("Only the owner of the position or the stake may do this")]
    NotOwner,
    #[msg("The stake has no weight: it is in its cooldown")]
    NoWeight,
    #[msg("The position has earned nothing yet; wait for the next epoch")]
    NothingToClaim,
    #[msg("The account is not the one that the pool names")]
    WrongAccount,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
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
    #[msg("A stream must begin now or later and last between one second and ten years")]
    StreamOutOfRange,
    #[msg("The amount must be more than nothing")]
    ZeroAmount,
    #[msg("The stream cannot be cancelled: it was opened for good")]
    NotCancellable,
    #[msg("Nothing of the stream is due yet")]
    NothingDue,
    #[msg("The stream is not at its end")]
    StreamRuns,
}

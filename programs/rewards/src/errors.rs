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
}

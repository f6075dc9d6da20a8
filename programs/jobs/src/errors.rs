//! What the jobs program refuses, in the words that clients show.

use anchor_lang::prelude::*;
use nosana_protocol::{Overflow, job::WrongState, ring::RingError};

#[error_code]
pub enum JobsError {
    #[msg("An amount or a time left its range; nothing was changed")]
    Overflow,
    #[msg("The job is not in a state that allows this")]
    WrongState,
    #[msg("The stored state contradicts itself")]
    InvariantViolated,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
    #[msg("The network fee is above its bound of 2,500 basis points")]
    FeeTooHigh,
    #[msg("A term of the market is out of its bounds; see the documentation of the market's fields")]
    TermsOutOfRange,
    #[msg("The account is not the one that the job, the market or the node names")]
    WrongAccount,
    #[msg("The job or the node belongs to another market")]
    WrongMarket,
    #[msg("Only the client of the job may do this")]
    NotClient,
    #[msg("Only the authority of the node may do this")]
    NotNodeAuthority,
    #[msg("The job runs on another node, or was offered to another one")]
    NotThisNode,
    #[msg("The kind of a job is 0 (batch) or 1 (service)")]
    UnknownKind,
    #[msg("The definition or the result is empty: give the digest of its content")]
    EmptyDigest,
    #[msg("The timeout must be between one second and the market's longest")]
    TimeoutOutOfRange,
    #[msg("The market's price is above the highest that the client accepts")]
    PriceAboveMaximum,
    #[msg("The job or the market pays less than the lowest price that the node accepts")]
    PriceBelowMinimum,
    #[msg("The queue is full; grow it with grow_queue and try again")]
    QueueFull,
    #[msg("The hint does not point at the waiting entry: it moved, or was matched meanwhile; read the queue again")]
    NotInQueue,
    #[msg("Too many cancelled entries lie at the head of the queue; call compact_queue and try again")]
    CompactFirst,
    #[msg("A node has between 1 and 8 slots")]
    CapacityOutOfRange,
    #[msg("All slots of the node are in use")]
    NoFreeSlot,
    #[msg("The node has no slot that waits in this market or holds this job")]
    NoSuchSlot,
    #[msg("The stake of the node has less xNOS than the market asks for; stake more or longer")]
    StakeTooSmall,
    #[msg("The node has less GPU memory than the market asks for")]
    NotEnoughVram,
    #[msg("The clock that this waits for has not run out yet")]
    TooEarly,
    #[msg("The deadline of the job has passed")]
    DeadlinePassed,
    #[msg("A service has no result: it ends at its deadline or when its client stops it")]
    ServiceHasNoResult,
    #[msg("Nothing can be collected here by this signer")]
    NothingToCollect,
    #[msg("No fees have been earned yet")]
    NoFees,
    #[msg("The job still holds money that someone may collect")]
    JobNotEmpty,
    #[msg("The destination cannot receive NOS: it must be an open token account of the mint")]
    CannotReceive,
    #[msg("The payout account must belong to the authority of the node")]
    PayoutNotOwned,
}

/// An overflow in the protocol, as this program's error.
pub fn overflow(_: Overflow) -> ProgramError {
    JobsError::Overflow.into()
}

/// An action that the state does not allow, as this program's error.
pub fn wrong_state(_: WrongState) -> ProgramError {
    JobsError::WrongState.into()
}

/// What the ring refuses, as this program's error.
pub fn ring(error: RingError) -> ProgramError {
    match error {
        RingError::Full => JobsError::QueueFull.into(),
        RingError::NotThere => JobsError::NotInQueue.into(),
        RingError::Tombstones => JobsError::CompactFirst.into(),
        RingError::WrongSide | RingError::Corrupt => JobsError::InvariantViolated.into(),
    }
}

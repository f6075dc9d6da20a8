//! What the jobs program refuses, in the words that clients show.

use anchor_lang::prelude::*;
use nosana_protocol::{Overflow, job::WrongState, queue::FifoError};

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
    #[msg(
        "A term of the market is out of its bounds; see the documentation of the market's fields"
    )]
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
    #[msg(
        "The market, or the job in line, pays less than the lowest price that the node accepts; evict_node removes a waiting node that asks too much"
    )]
    PriceBelowMinimum,
    #[msg("The queue is full; grow it with grow_queue and try again")]
    QueueFull,
    #[msg(
        "The hint does not point at the waiting entry: it moved, or was matched meanwhile; read the queue again"
    )]
    NotInQueue,
    #[msg("A node has between 1 and 8 slots")]
    CapacityOutOfRange,
    #[msg("All slots of the node are in use, or rest after a job was given back")]
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
    #[msg(
        "Entry is paused by the guardian: nothing new can be listed, opened or worked on; everything can still end"
    )]
    Paused,
    #[msg("Only the admin may do this")]
    NotAdmin,
    #[msg("Only the guardian or the admin may do this")]
    NotGuardian,
    #[msg("Only the one who was proposed may accept")]
    NotProposed,
    #[msg(
        "The policy is out of its bounds: fee up to 2,500 basis points, deposit up to 1,000,000 NOS, timeout up to 30 days"
    )]
    PolicyOutOfRange,
    #[msg("Nothing was announced that may take effect now")]
    NothingAnnounced,
    #[msg("Only the authority of the market may do this")]
    NotMarketAuthority,
    #[msg("The market is retired: it takes no new jobs and no new nodes")]
    MarketRetired,
    #[msg(
        "The market is not empty: something waits, runs, or is owed; see the fields of its queue"
    )]
    MarketInUse,
    #[msg("The mint must have 6 decimals and nobody who can freeze accounts")]
    UnsuitableMint,
    #[msg(
        "The node waits rightfully: it asks for no more than the market pays, and its stake suffices"
    )]
    NotEvictable,
    #[msg("The node is draining: it takes no new jobs")]
    Draining,
    #[msg("The node already uses as many slots in this market as the market allows")]
    TooManyHere,
    #[msg("The node's benchmark is below what the market asks for")]
    TooSlow,
    #[msg("The node's reputation is below what the market asks for")]
    ReputationTooLow,
    #[msg(
        "The node must hold a token of the market's access collection: pass the token account and its metadata"
    )]
    NoAccess,
    #[msg("The hardware can only change while no slot of the node is in use")]
    NodeInUse,
    #[msg("The amount must be more than nothing")]
    ZeroAmount,
    #[msg("The market asks for more collateral than the node offers")]
    CollateralAboveMaximum,
    #[msg("The job is not the one that the node has read: another definition, or less time")]
    NotAsRead,
}

/// An overflow in the protocol, as this program's error.
pub fn overflow(_: Overflow) -> ProgramError {
    JobsError::Overflow.into()
}

/// An action that the state does not allow, as this program's error.
pub fn wrong_state(_: WrongState) -> ProgramError {
    JobsError::WrongState.into()
}

/// What the line refuses, as this program's error.
pub fn fifo(error: FifoError) -> ProgramError {
    match error {
        FifoError::Full => JobsError::QueueFull.into(),
        FifoError::NotThere => JobsError::NotInQueue.into(),
        FifoError::WrongSide | FifoError::Corrupt => JobsError::InvariantViolated.into(),
    }
}

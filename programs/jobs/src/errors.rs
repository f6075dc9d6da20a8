//! Errors of the jobs program. Clients show these messages to users.

use anchor_lang::prelude::*;
use nosana_protocol::{Overflow, job::WrongState, queue::FifoError};

#[error_code]
pub enum JobsError {
    #[msg("an amount or a timestamp overflows; nothing was changed")]
    Overflow,
    #[msg("the state of the job does not allow this instruction")]
    WrongState,
    #[msg("the stored state is inconsistent")]
    InvariantViolated,
    #[msg("only the upgrade authority of the program can initialize it")]
    NotDeployer,
    #[msg(
        "a term of the market, its notice or the number of new cells is out of bounds; \
        see the documentation of `MarketTerms`"
    )]
    TermsOutOfRange,
    #[msg("the account is not the one that the job, the market or the node names")]
    WrongAccount,
    #[msg("the job or the node belongs to another market")]
    WrongMarket,
    #[msg("only the client of the job can do this")]
    NotClient,
    #[msg("only the authority of the node can do this")]
    NotNodeAuthority,
    #[msg("the job is matched with another node, or runs on another node")]
    NotThisNode,
    #[msg("the kind of a job must be 0 (batch) or 1 (service)")]
    UnknownKind,
    #[msg(
        "the digest of the definition, result or hardware is zero; give the digest of its content"
    )]
    EmptyDigest,
    #[msg("the timeout must be between one second and the market's longest timeout")]
    TimeoutOutOfRange,
    #[msg("the market's price is above the highest price that the client accepts")]
    PriceAboveMaximum,
    #[msg(
        "the market, or the first job in its queue, pays less than the lowest price that the node \
        accepts; `evict_node` removes a waiting node whose lowest price is above the market's"
    )]
    PriceBelowMinimum,
    #[msg("the queue is full; add cells with `grow_queue` and try again")]
    QueueFull,
    #[msg(
        "the cell does not hold the waiting entry: it was matched or removed, or waits in another \
        cell; read the queue again"
    )]
    NotInQueue,
    #[msg("the number of slots must be between 1 and 8")]
    CapacityOutOfRange,
    #[msg("the node has no free slot: all are in use, or rest after the node gave a job back")]
    NoFreeSlot,
    #[msg("the node has no slot that waits in this market or holds this job")]
    NoSuchSlot,
    #[msg("the stake of the node has less xNOS than required; stake more, or for longer")]
    StakeTooSmall,
    #[msg("the node has less GPU memory than the market requires")]
    NotEnoughVram,
    #[msg("the instruction is not due yet: the clock that it waits for has not run out")]
    TooEarly,
    #[msg("the deadline for this instruction has passed")]
    DeadlinePassed,
    #[msg("a service has no result; it ends at its deadline or when its client stops it")]
    ServiceHasNoResult,
    #[msg("no credit is owed to this signer or to the owner of this destination")]
    NothingToCollect,
    #[msg("the market has no fees to sweep")]
    NoFees,
    #[msg("the job still owes a credit; collect it first")]
    JobNotEmpty,
    #[msg("the destination cannot receive NOS; give a token account of NOS that is not frozen")]
    CannotReceive,
    #[msg("the payout account must belong to the authority of the node")]
    PayoutNotOwned,
    #[msg(
        "the guardian paused entry: nothing new can be listed, opened or worked on; everything \
        can still end"
    )]
    Paused,
    #[msg("only the admin can do this")]
    NotAdmin,
    #[msg("only the guardian or the admin can do this")]
    NotGuardian,
    #[msg("only the proposed successor can accept")]
    NotProposed,
    #[msg(
        "the policy is out of bounds; the fee is at most 2,500 basis points, the deposit at most \
        1,000,000 NOS, the timeout between one second and 30 days"
    )]
    PolicyOutOfRange,
    #[msg("nothing is announced that can be applied now")]
    NothingAnnounced,
    #[msg("only the authority of the market can do this")]
    NotMarketAuthority,
    #[msg("the market is retired; it accepts no new jobs and no new nodes")]
    MarketRetired,
    #[msg(
        "the market is not retired or not empty; retire it, and read in its queue what waits, \
        runs or is owed"
    )]
    MarketInUse,
    #[msg("the mint must have 6 decimals and no freeze authority")]
    UnsuitableMint,
    #[msg(
        "the node is allowed to wait: its lowest price, its stake and its hardware fit the market"
    )]
    NotEvictable,
    #[msg("the node is draining; it takes no new jobs")]
    Draining,
    #[msg("the node already uses as many slots in this market as the market allows")]
    TooManyHere,
    #[msg("the benchmark of the node is below the market's minimum")]
    TooSlow,
    #[msg("the reputation of the node is below the market's minimum")]
    ReputationTooLow,
    #[msg(
        "the node must hold a token of the access collection; pass the token account and its \
        metadata"
    )]
    NoAccess,
    #[msg("the hardware can change only while all slots of the node are free")]
    NodeInUse,
    #[msg("the amount must be greater than zero")]
    ZeroAmount,
    #[msg("the market requires more collateral than the node accepts")]
    CollateralAboveMaximum,
    #[msg("the job has another definition, or a shorter timeout, than the node has read")]
    NotAsRead,
}

/// Converts an overflow in the protocol to this program's error.
pub fn overflow_error(_: Overflow) -> ProgramError {
    JobsError::Overflow.into()
}

/// Converts a forbidden state transition to this program's error.
pub fn wrong_state_error(_: WrongState) -> ProgramError {
    JobsError::WrongState.into()
}

/// Converts an error of the queue's list to this program's error.
pub fn fifo_error(error: FifoError) -> ProgramError {
    match error {
        FifoError::Full => JobsError::QueueFull.into(),
        FifoError::NotThere => JobsError::NotInQueue.into(),
        FifoError::WrongSide | FifoError::Corrupt => JobsError::InvariantViolated.into(),
    }
}

//! Errors of the jobs program. Clients show these messages to users.

use anchor_lang::prelude::*;
use nosana_program_common::stake::UnreadableStake;
use nosana_protocol::{Overflow, dispute::phase::PhaseError, job::WrongState, queue::FifoError};

#[error_code(offset = 6000)]
pub enum JobsError {
    #[msg("An amount or a timestamp overflows; nothing was changed")]
    Overflow,
    #[msg("The state of the job does not allow this instruction")]
    WrongState,
    #[msg("The stored state is inconsistent")]
    InvariantViolated,
    #[msg("Only the deployer of the program may initialize it")]
    NotDeployer,
    #[msg(
        "A term of the market, its notice or the number of new cells is out of bounds; \
        see the documentation of `MarketTerms`"
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
    #[msg("The job is matched with another node, or runs on another node")]
    NotThisNode,
    #[msg("The kind of a job must be 0 (batch), 1 (service) or 2 (verified batch)")]
    UnknownKind,
    #[msg(
        "The digest of the definition, result or hardware is zero; give the digest of its content"
    )]
    EmptyDigest,
    #[msg("The timeout must be between the market's shortest and its longest timeout")]
    TimeoutOutOfRange,
    #[msg("The market's price is above the highest price that the client accepts")]
    PriceAboveMaximum,
    #[msg(
        "The market, or the first job in its queue, pays less than the lowest price that the node \
        accepts; `evict_node` removes a waiting node whose lowest price is above the market's"
    )]
    PriceBelowMinimum,
    #[msg("The queue is full; add cells with `grow_queue` and try again")]
    QueueFull,
    #[msg(
        "The cell does not hold the waiting entry: it was matched or removed, or waits in another \
        cell; read the queue again"
    )]
    NotInQueue,
    #[msg("The number of slots must be between 1 and 16")]
    CapacityOutOfRange,
    #[msg("The node has no free slot: all are in use, or rest after a job")]
    NoFreeSlot,
    #[msg("The node has no slot that waits in this market or holds this job")]
    NoSuchSlot,
    #[msg("The stake of the node has less xNOS than required; stake more, or for longer")]
    StakeTooSmall,
    #[msg("The node has less GPU memory than the market requires")]
    NotEnoughVram,
    #[msg("The instruction is not due yet: the clock that it waits for has not run out")]
    TooEarly,
    #[msg("The deadline for this instruction has passed")]
    DeadlinePassed,
    #[msg("A service has no result; it ends at its deadline or when its client stops it")]
    ServiceHasNoResult,
    #[msg("No credit is owed to this signer or to the owner of this destination")]
    NothingToCollect,
    #[msg("The market has no fees to sweep")]
    NoFees,
    #[msg("The job still owes a credit; collect it first")]
    JobNotEmpty,
    #[msg("The destination cannot receive NOS; give a token account of NOS that is not frozen")]
    CannotReceive,
    #[msg("The payout account must belong to the authority of the node")]
    PayoutNotOwned,
    #[msg(
        "The guardian has paused entry; nothing new can be listed, opened or worked on, everything \
        can still end"
    )]
    Paused,
    #[msg("Only the admin may do this")]
    NotAdmin,
    #[msg("Only the guardian or the admin may do this")]
    NotGuardian,
    #[msg("Only the proposed successor may accept")]
    NotProposed,
    #[msg(
        "The policy is out of bounds; the fee is at most 2,500 basis points, the deposit at most \
        1,000,000 NOS, the timeout between one second and 30 days"
    )]
    PolicyOutOfRange,
    #[msg("Nothing is announced that can be applied now")]
    NothingAnnounced,
    #[msg("Only the authority of the market may do this")]
    NotMarketAuthority,
    #[msg("The market is retired; it accepts no new jobs and no new nodes")]
    MarketRetired,
    #[msg(
        "The market is not retired or not empty; retire it, and read in its queue what waits, \
        runs or is owed"
    )]
    MarketInUse,
    #[msg("The mint must have 6 decimals and no freeze authority")]
    UnsuitableMint,
    #[msg(
        "The node is allowed to wait: its lowest price, its stake and its hardware fit the market"
    )]
    NotEvictable,
    #[msg("The node is draining; it takes no new jobs")]
    Draining,
    #[msg("The node already uses as many slots in this market as the market allows")]
    TooManyHere,
    #[msg("The benchmark of the node is below the market's minimum")]
    TooSlow,
    #[msg("The reputation of the node is below the market's minimum")]
    ReputationTooLow,
    #[msg(
        "The node must hold a token of the access collection; pass the token account and its \
        metadata"
    )]
    NoAccess,
    #[msg("The hardware can change only while all slots of the node are free")]
    NodeInUse,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg("The market requires more collateral than the node accepts")]
    CollateralAboveMaximum,
    #[msg("The job has another definition, or a shorter timeout, than the node has read")]
    NotAsRead,
    #[msg("The job is in another attempt than the one that was named; read the job again")]
    AnotherAttempt,
    #[msg("The cause is not one that a node may name; see `ReturnCause`")]
    UnknownCause,
    #[msg(
        "No credit can be forfeited yet; wait until 30 days after the job's retention, or \
        collect it"
    )]
    NotForfeitable,
    #[msg(
        "The job's refund account does not belong to its client, who pays for the rejection; \
        reject the result without a requeue, or add to the job's budget while it runs"
    )]
    SourceNotOwned,
    #[msg("The stake cannot be read; the staking program has another layout than this program")]
    UnreadableStake,
    #[msg(
        "The market takes no verified jobs, locks too little collateral for this one, or leaves \
        too little time for a dispute about it, or the job is private; list it as a batch job, \
        for a shorter timeout, or in another market"
    )]
    NotVerifiable,
    #[msg(
        "The slot has less collateral than the verified job requires; give the job back, and \
        request work again"
    )]
    CollateralTooSmall,
    #[msg("A verified job is finished with the commitment to its trace, any other with zero")]
    TraceMismatch,
    #[msg(
        "A verified job cannot be extended: its panel fee and collateral are fixed when it is \
        listed"
    )]
    FixedTimeout,
    #[msg("The job is not verified: nobody can challenge its result")]
    NotVerified,
    #[msg("A node cannot challenge its own result")]
    OwnResult,
    #[msg("The dispute is not in the phase for this instruction; read it again")]
    WrongPhase,
    #[msg("The node was not enrolled for panels when the result was submitted")]
    NotEnrolled,
    #[msg("A party of the job or of its dispute cannot take a seat of the panel")]
    PartyToDispute,
    #[msg("The node has a seat of this panel already")]
    AlreadySeated,
    #[msg("The node's turn to take a seat has not come; wait some seconds and try again")]
    NotYetEligible,
    #[msg("The node has no seat of this panel, or has done this already")]
    NotSeated,
    #[msg("The sketch, the verdict or the salt is not the one that was committed to")]
    CommitmentMismatch,
    #[msg("The verdict must be 1 (right), 2 (wrong) or 3 (not decidable)")]
    UnknownVerdict,
    #[msg("A seat of the panel is not closed; close it first")]
    SeatsOpen,
    #[msg(
        "The endpoint is not well formed: the relay is printable ASCII padded with zeros, each \
        socket address has an IP and a port, and all is zero without an id"
    )]
    InvalidEndpoint,
    #[msg("This draw gives the node no seat: its score is above that of every candidate")]
    NotCandidate,
    #[msg("Nodes with lower scores have the seats of this panel")]
    SeatsTaken,
    #[msg(
        "No seat of the panel is free; pass the node of the seat with the highest score, and read \
        the dispute again before"
    )]
    NotHighestSeat,
    #[msg(
        "The node is not enrolled for panels, or its stake has the weight with which it enrolled"
    )]
    NotRemovable,
}

/// Converts an overflow in the protocol to this program's error.
pub fn overflow_error(_: Overflow) -> ProgramError {
    JobsError::Overflow.into()
}

/// Converts a stake that cannot be read to this program's error.
pub fn unreadable_stake_error(_: UnreadableStake) -> ProgramError {
    JobsError::UnreadableStake.into()
}

/// Converts a forbidden state transition to this program's error.
pub fn wrong_state_error(_: WrongState) -> ProgramError {
    JobsError::WrongState.into()
}

/// Converts a refusal by the phase of a dispute to this program's error.
pub fn phase_error(error: PhaseError) -> ProgramError {
    match error {
        PhaseError::WrongPhase => JobsError::WrongPhase.into(),
        PhaseError::Overflow => JobsError::Overflow.into(),
    }
}

/// Converts an error of the queue's list to this program's error.
pub fn fifo_error(error: FifoError) -> ProgramError {
    match error {
        FifoError::Full => JobsError::QueueFull.into(),
        FifoError::NotThere => JobsError::NotInQueue.into(),
        FifoError::WrongSide | FifoError::Corrupt => JobsError::InvariantViolated.into(),
    }
}

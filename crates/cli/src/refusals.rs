//! Which command to use next after a program refused a transaction. One row for each error, so that
//! a new one does not compile until somebody decides what its users do.

use nosana_client::{ProgramError, jobs, rewards, staking};

/// Returns what to do next about a refusal; `None` if its message says everything.
pub fn find_next_command(refusal: &ProgramError) -> Option<&'static str> {
    match refusal.program {
        jobs::ID => jobs::Error::from_code(refusal.code).and_then(after_jobs),
        staking::ID => staking::Error::from_code(refusal.code).and_then(after_staking),
        rewards::ID => rewards::Error::from_code(refusal.code).and_then(after_rewards),
        _ => None,
    }
}

fn after_staking(error: staking::Error) -> Option<&'static str> {
    use staking::Error as E;

    match error {
        E::AlreadyUnstaked => Some(
            "`nosana stake show` prints when the cooldown ends, `nosana stake restake` cancels it",
        ),
        E::NotUnstaked => Some("`nosana stake unstake` starts the cooldown"),
        E::NothingToWithdraw | E::NotLonger | E::CooldownRuns => {
            Some("`nosana stake show` prints amounts, dates and the cooldown")
        }
        E::StakeNotEmpty => Some("`nosana stake withdraw` pays what the cooldown has released"),
        E::InsufficientCollateral => {
            Some("`nosana stake show` prints what is locked, `nosana stake add` adds to the stake")
        }
        E::NothingAnnounced => Some("wait for the end of the notice"),
        E::NoPosition => Some("`nosana rewards enter` opens the position"),
        E::NotAccepting | E::CommissionTooHigh | E::CooldownTooLong => {
            Some("`nosana stake show OWNER` prints what the node offers")
        }
        E::AlreadyUndelegated => {
            Some("`nosana stake withdraw-delegated` pays what the cooldown has released")
        }
        E::NotUndelegated => Some("`nosana stake undelegate` starts the cooldown"),
        E::NothingToClaim => Some("`nosana stake show` prints what a delegation has earned"),
        E::DelegationNotEmpty => Some(
            "`nosana stake undelegate`, `withdraw-delegated` and `claim-delegated` empty it, in \
             this order",
        ),
        E::DelegationsLeft => Some(
            "`nosana stake show` prints what is delegated, `nosana stake commission` claims the \
             commission",
        ),
        E::Overflow
        | E::AmountTooSmall
        | E::WorthlessShares
        | E::DurationOutOfRange
        | E::NotJobsAuthority
        | E::LockTooSmall
        | E::NotOwner
        | E::WrongAccount
        | E::NotDeployer
        | E::InvariantViolated
        | E::UnsuitableMint
        | E::Paused
        | E::NotAdmin
        | E::NotGuardian
        | E::NotProposed
        | E::PolicyOutOfRange
        | E::CommissionOutOfRange
        | E::NotDelegator
        | E::NotDelegatorsAccount
        | E::ReporterPartTooLarge => None,
    }
}

fn after_rewards(error: rewards::Error) -> Option<&'static str> {
    use rewards::Error as E;

    match error {
        E::NoWeight => Some(
            "`nosana stake show` prints the stake, `nosana stake restake` cancels its cooldown",
        ),
        E::NothingToClaim => Some("`nosana rewards show` prints what the position has earned"),
        E::NothingDue | E::StreamRuns | E::NotCancellable => {
            Some("`nosana rewards show` prints the streams and when they end")
        }
        E::Overflow
        | E::EpochOutOfRange
        | E::WrongStake
        | E::NotOwner
        | E::WrongAccount
        | E::NotDeployer
        | E::UnsuitableMint
        | E::Paused
        | E::NotAdmin
        | E::NotGuardian
        | E::NotProposed
        | E::StreamOutOfRange
        | E::ZeroAmount
        | E::InvariantViolated
        | E::NothingArrived
        | E::UnreadableStake => None,
    }
}

fn after_jobs(error: jobs::Error) -> Option<&'static str> {
    use jobs::Error as E;

    match error {
        E::WrongState | E::AnotherAttempt | E::NotThisNode | E::TooEarly | E::DeadlinePassed => {
            Some("`nosana job show JOB` prints its state and what may happen next")
        }
        E::TermsOutOfRange => Some("`nosana market template` prints terms within the bounds"),
        E::TimeoutOutOfRange
        | E::PriceAboveMaximum
        | E::PriceBelowMinimum
        | E::NothingAnnounced
        | E::MarketInUse
        | E::NoFees
        | E::NotEnoughVram
        | E::TooSlow
        | E::ReputationTooLow
        | E::NoAccess
        | E::CollateralAboveMaximum => Some("`nosana market show` prints the market's terms"),
        E::MarketRetired => Some("`nosana market list` prints the markets that are open"),
        E::NotVerifiable => Some("`nosana market list` prints which markets take verified jobs"),
        E::StakeTooSmall => {
            Some("`nosana stake show` prints the stake, `nosana stake add` adds to it")
        }
        E::NoFreeSlot | E::NodeInUse | E::TooManyHere => {
            Some("`nosana node status` prints the slots and what they do")
        }
        E::Draining => Some("`nosana node drain --off` takes jobs again"),
        E::NothingToCollect => Some("`nosana job show JOB` prints who is owed what"),
        E::JobNotEmpty | E::NotForfeitable => Some("`nosana job collect` pays the credit"),
        E::WrongPhase
        | E::NotEnrolled
        | E::PartyToDispute
        | E::AlreadySeated
        | E::NotYetEligible
        | E::NotSeated
        | E::SeatsOpen
        | E::NotCandidate
        | E::SeatsTaken
        | E::NotHighestSeat => Some("`nosana dispute show JOB` prints its phase and its panel"),
        E::Overflow
        | E::InvariantViolated
        | E::NotDeployer
        | E::WrongAccount
        | E::WrongMarket
        | E::NotClient
        | E::NotNodeAuthority
        | E::UnknownKind
        | E::EmptyDigest
        | E::QueueFull
        | E::NotInQueue
        | E::CapacityOutOfRange
        | E::NoSuchSlot
        | E::ServiceHasNoResult
        | E::CannotReceive
        | E::PayoutNotOwned
        | E::Paused
        | E::NotAdmin
        | E::NotGuardian
        | E::NotProposed
        | E::PolicyOutOfRange
        | E::NotMarketAuthority
        | E::UnsuitableMint
        | E::NotEvictable
        | E::ZeroAmount
        | E::NotAsRead
        | E::UnknownCause
        | E::SourceNotOwned
        | E::UnreadableStake
        | E::CollateralTooSmall
        | E::TraceMismatch
        | E::FixedTimeout
        | E::NotVerified
        | E::OwnResult
        | E::CommitmentMismatch
        | E::UnknownVerdict
        | E::InvalidEndpoint
        | E::NotRemovable => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(program: solana_address::Address, code: u32) -> ProgramError {
        ProgramError {
            program,
            program_name: String::new(),
            code,
            name: String::new(),
            message: String::new(),
            instruction: 0,
            logs: Vec::new(),
            signature: None,
        }
    }

    #[test]
    fn a_refusal_names_the_next_command() {
        let text = |program, code| find_next_command(&refusal(program, code));
        let position = text(staking::ID, staking::Error::NoPosition.code());
        assert!(position.is_some_and(|text| text.contains("nosana rewards enter")));
        assert_eq!(text(staking::ID, staking::Error::NotAdmin.code()), None);

        // A number belongs to its program.
        assert_eq!(text(rewards::ID, staking::Error::NoPosition.code()), None);
        assert_eq!(text(solana_address::Address::default(), 6_100), None);
    }
}

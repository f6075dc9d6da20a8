//! Why a transaction failed.

use std::fmt;

use nosana_client::{failure, jobs, logs, rewards, staking};
use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// A failed transaction.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The runtime's error.
    pub error: TransactionError,
    /// The log lines up to the failure.
    pub logs: Vec<String>,
}

impl Failure {
    /// Returns who refused the transaction, and why.
    pub fn refusal(&self) -> Refusal {
        match &self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => {
                Refusal::Program(logs::find_failed_program(&self.logs).unwrap_or_default(), *code)
            }
            TransactionError::InstructionError(_, error) => Refusal::Runtime(error.clone()),
            error => Refusal::Transaction(error.clone()),
        }
    }
}

/// Who refuses a transaction, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A program, with an error number of its own: the innermost one that failed.
    Program(Address, u32),
    /// A program or the runtime, with one of the runtime's errors.
    Runtime(InstructionError),
    /// The runtime, before any program ran.
    Transaction(TransactionError),
}

impl Refusal {
    /// Anchor: the account has the wrong address.
    pub const fn wrong_address(program: Address) -> Self {
        Self::Program(program, 2012)
    }

    /// Anchor: the same account is in two places, one of which is writable.
    pub const fn same_account_twice(program: Address) -> Self {
        Self::Program(program, 2040)
    }

    /// Anchor: the account is not at the address of its seeds.
    pub const fn wrong_seeds() -> Self {
        Self::Runtime(InstructionError::InvalidSeeds)
    }

    /// Anchor: another program owns the account.
    pub const fn wrong_owner() -> Self {
        Self::Runtime(InstructionError::IllegalOwner)
    }

    /// Anchor: the account is of another type.
    pub const fn wrong_type() -> Self {
        Self::Runtime(InstructionError::InvalidAccountData)
    }

    /// Anchor: the account is smaller than its type. The size is checked before owner and type.
    pub const fn too_small() -> Self {
        Self::Runtime(InstructionError::AccountDataTooSmall)
    }

    /// Anchor: an account that would only be read does not exist.
    pub const fn account_missing() -> Self {
        Self::Runtime(InstructionError::UninitializedAccount)
    }

    /// Anchor: the account is another program.
    pub const fn wrong_program() -> Self {
        Self::Runtime(InstructionError::IncorrectProgramId)
    }

    /// A signature is missing.
    pub const fn unsigned() -> Self {
        Self::Runtime(InstructionError::MissingRequiredSignature)
    }

    /// The token program: too few tokens.
    pub const fn too_few_tokens() -> Self {
        Self::Program(nosana_client::token::PROGRAM, 1)
    }

    /// The system program: the account exists already.
    pub const fn account_exists() -> Self {
        Self::Program(Address::new_from_array([0; 32]), 0)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(program, code) => {
                write!(
                    f,
                    "{}: {} ({code})",
                    failure::program_name(program),
                    failure::describe_error(program, *code).0
                )
            }
            Self::Runtime(error) => write!(f, "runtime: {error:?}"),
            Self::Transaction(error) => write!(f, "transaction: {error:?}"),
        }
    }
}

impl From<jobs::Error> for Refusal {
    fn from(error: jobs::Error) -> Self {
        Self::Program(jobs::ID, error.code())
    }
}

impl From<staking::Error> for Refusal {
    fn from(error: staking::Error) -> Self {
        Self::Program(staking::ID, error.code())
    }
}

impl From<rewards::Error> for Refusal {
    fn from(error: rewards::Error) -> Self {
        Self::Program(rewards::ID, error.code())
    }
}

//! A failed transaction in the words of whoever refused it.

use std::fmt;

use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_rpc_client_api::client_error::TransactionError;
use solana_signature::Signature;
use thiserror::Error;

use crate::{error::ClientError, jobs, logs, rewards, staking, token};

/// A program's refusal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ProgramError {
    /// The program: the innermost one that failed.
    pub program: Address,
    /// Its name in the IDL, or its address.
    pub program_name: String,
    /// The error's number.
    pub code: u32,
    /// The error's name in the IDL.
    pub name: String,
    /// What it means, and what to do.
    pub message: String,
    /// Which of the caller's instructions failed, from zero.
    pub instruction: usize,
    /// The transaction's logs, as far as the node has them.
    pub logs: Vec<String>,
    /// The transaction, if it has been sent. Empty if it failed in the simulation: then nothing was
    /// sent or paid.
    pub signature: Option<Signature>,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refuses: {} ({}, {})", self.program_name, self.message, self.name, self.code)
    }
}

impl ProgramError {
    /// Whether it is this error of the jobs program.
    pub fn is_jobs(&self, error: jobs::Error) -> bool {
        self.program == jobs::ID && self.code == error.code()
    }

    /// Whether it is this error of the staking program.
    pub fn is_staking(&self, error: staking::Error) -> bool {
        self.program == staking::ID && self.code == error.code()
    }

    /// Whether it is this error of the rewards program.
    pub fn is_rewards(&self, error: rewards::Error) -> bool {
        self.program == rewards::ID && self.code == error.code()
    }
}

/// Name and meaning of a program's error number.
pub fn describe(program: &Address, code: u32) -> (String, String) {
    let own = match *program {
        jobs::ID => jobs::Error::from_code(code).map(|error| (error.name(), error.message())),
        staking::ID => staking::Error::from_code(code).map(|error| (error.name(), error.message())),
        rewards::ID => rewards::Error::from_code(code).map(|error| (error.name(), error.message())),
        token::PROGRAM => return token::error(code).unwrap_or_else(unknown),
        solana_system_interface::program::ID => system(code),
        _ => None,
    };
    let ours = [jobs::ID, staking::ID, rewards::ID].contains(program);
    let known = own.or_else(|| ours.then(|| anchor(code)).flatten());
    known.map_or_else(unknown, |(name, message)| (name.to_owned(), message.to_owned()))
}

/// The program's name in its IDL, or its address.
pub fn program_name(program: &Address) -> String {
    match *program {
        jobs::ID => jobs::NAME.to_owned(),
        staking::ID => staking::NAME.to_owned(),
        rewards::ID => rewards::NAME.to_owned(),
        token::PROGRAM => "the token program".to_owned(),
        solana_system_interface::program::ID => "the system program".to_owned(),
        other => other.to_string(),
    }
}

fn unknown() -> (String, String) {
    ("Unknown".to_owned(), "an error that this client does not know; see the logs".to_owned())
}

/// Errors of the framework, by the numbers of Anchor 2.
fn anchor(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        2000 => ("ConstraintMut", "an account must be writable"),
        2001 => ("ConstraintHasOne", "an account is not the one that another account names"),
        2003 => ("ConstraintRaw", "an account does not meet its constraint"),
        2005 => ("ConstraintRentExempt", "an account has too few lamports for its rent"),
        2007 => ("ConstraintExecutable", "an account must be a program"),
        2011 => ("ConstraintClose", "an account cannot be closed into itself"),
        2012 => ("ConstraintAddress", "an account has the wrong address"),
        2013 => ("ConstraintZero", "an account is already in use"),
        2019 => ("ConstraintSpace", "an account has the wrong size"),
        2020 => ("ConstraintAccountIsNone", "an account is missing"),
        2040 => ("ConstraintDuplicateMutableAccount", "the same writable account was given twice"),
        2500..=2506 => ("RequireViolated", "a requirement is not met"),
        _ => return None,
    })
}

/// Errors of the system program that making accounts can meet.
fn system(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        0 => ("AccountAlreadyInUse", "the account exists already"),
        1 => ("ResultWithNegativeLamports", "too little SOL: fund the payer"),
        _ => return None,
    })
}

/// The error of a failed transaction. `programs` are those of the caller's instructions, which
/// follow `own` of ours.
pub(crate) fn failure(
    error: TransactionError,
    logs: Vec<String>,
    signature: Option<Signature>,
    programs: &[Address],
    own: usize,
) -> ClientError {
    let TransactionError::InstructionError(index, InstructionError::Custom(code)) = error else {
        let advice = advice(&error);
        return ClientError::Transaction { error, advice, logs, signature };
    };
    let instruction = usize::from(index).saturating_sub(own);
    let called = programs.get(instruction).copied();
    let program = logs::failed_program(&logs).or(called).unwrap_or_default();
    let (name, message) = describe(&program, code);
    let program_name = program_name(&program);
    ClientError::Program(Box::new(ProgramError {
        program,
        program_name,
        code,
        name,
        message,
        instruction,
        logs,
        signature,
    }))
}

/// What to do about an error of the runtime.
fn advice(error: &TransactionError) -> &'static str {
    match error {
        TransactionError::AccountNotFound
        | TransactionError::InsufficientFundsForFee
        | TransactionError::InsufficientFundsForRent { .. } => "Fund the payer with SOL",
        TransactionError::BlockhashNotFound => "It expired before it landed: send it again",
        TransactionError::AlreadyProcessed => {
            "It landed before: look it up instead of sending it again"
        }
        TransactionError::ProgramAccountNotFound => {
            "A program is not deployed on this cluster: check the RPC address"
        }
        TransactionError::InstructionError(_, error) => match error {
            InstructionError::ComputationalBudgetExceeded
            | InstructionError::ProgramFailedToComplete => "Ask for more compute units",
            InstructionError::MissingRequiredSignature => "Add the missing signer",
            // The runtime still reports a program's `NotEnoughAccountKeys` by this name.
            #[expect(deprecated)]
            InstructionError::NotEnoughAccountKeys | InstructionError::MissingAccount => {
                "The program expects other accounts: update this client"
            }
            InstructionError::InvalidInstructionData => {
                "The program expects other arguments: update this client"
            }
            InstructionError::IllegalOwner | InstructionError::UninitializedAccount => {
                "An account does not exist yet, or is another program's: check that the set-up has run"
            }
            InstructionError::InvalidSeeds => {
                "An account has the wrong address: derive it with the functions of `pda`"
            }
            InstructionError::UnsupportedProgramId => {
                "A program is not deployed on this cluster: check the RPC address"
            }
            _ => "See the logs",
        },
        _ => "See the logs",
    }
}

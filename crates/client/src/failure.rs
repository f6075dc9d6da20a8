//! Errors of programs, by name and meaning.

use std::fmt;

use solana_address::Address;
use solana_signature::Signature;
use spl_token_interface::{ID as TOKEN_PROGRAM, error::TokenError};
use thiserror::Error;

use crate::{jobs, rewards, staking};

/// The error of a program that refused a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ProgramError {
    /// The innermost program that failed.
    pub program: Address,
    /// The program's name in its IDL, or its address.
    pub program_name: String,
    /// The error's number.
    pub code: u32,
    /// The error's name in the IDL.
    pub name: String,
    /// What the error means, and what to do.
    pub message: String,
    /// Index of the caller's instruction that failed.
    pub instruction: usize,
    /// The transaction's logs; empty if the node does not have them.
    pub logs: Vec<String>,
    /// The transaction, if it was sent; `None` if it failed in the simulation: then nothing was
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

/// Returns name and meaning of a program's error number.
pub fn describe_error(program: &Address, code: u32) -> (String, String) {
    let known = match *program {
        jobs::ID => jobs::Error::from_code(code).map(|error| (error.name(), error.message())),
        staking::ID => staking::Error::from_code(code).map(|error| (error.name(), error.message())),
        rewards::ID => rewards::Error::from_code(code).map(|error| (error.name(), error.message())),
        TOKEN_PROGRAM => return describe_token_error(code).unwrap_or_else(describe_unknown),
        solana_system_interface::program::ID => describe_system_error(code),
        _ => None,
    };

    let is_nosana = [jobs::ID, staking::ID, rewards::ID].contains(program);
    let known = known.or_else(|| is_nosana.then(|| describe_anchor_error(code)).flatten());
    known.map_or_else(describe_unknown, |(name, message)| (name.to_owned(), message.to_owned()))
}

/// Returns the program's name in its IDL, or its address.
pub fn program_name(program: &Address) -> String {
    match *program {
        jobs::ID => jobs::NAME.to_owned(),
        staking::ID => staking::NAME.to_owned(),
        rewards::ID => rewards::NAME.to_owned(),
        TOKEN_PROGRAM => "the token program".to_owned(),
        solana_system_interface::program::ID => "the system program".to_owned(),
        other => other.to_string(),
    }
}

fn describe_unknown() -> (String, String) {
    ("Unknown".to_owned(), "an error that this client does not know; see the logs".to_owned())
}

/// Errors of the framework, by their numbers in Anchor 2.
fn describe_anchor_error(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        2000 => ("ConstraintMut", "an account must be writable"),
        2001 => ("ConstraintHasOne", "an account is not the one that another account names"),
        2003 => ("ConstraintRaw", "an account violates its constraint"),
        2005 => ("ConstraintRentExempt", "an account has too few lamports for its rent"),
        2007 => ("ConstraintExecutable", "an account must be a program"),
        2011 => ("ConstraintClose", "an account cannot be closed into itself"),
        2012 => ("ConstraintAddress", "an account has the wrong address"),
        2013 => ("ConstraintZero", "an account is already in use"),
        2019 => ("ConstraintSpace", "an account has the wrong size"),
        2020 => ("ConstraintAccountIsNone", "an account is missing"),
        2040 => ("ConstraintDuplicateMutableAccount", "a writable account was given twice"),
        2500..=2506 => ("RequireViolated", "a requirement is violated"),
        _ => return None,
    })
}

/// Errors of the system program that creating an account can cause.
fn describe_system_error(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        0 => ("AccountAlreadyInUse", "the account exists already"),
        1 => ("ResultWithNegativeLamports", "too little SOL: fund the payer"),
        _ => return None,
    })
}

/// Errors of the token program.
fn describe_token_error(code: u32) -> Option<(String, String)> {
    let error = TokenError::try_from(code).ok()?;
    Some((format!("{error:?}"), error.to_string()))
}

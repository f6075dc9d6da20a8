//! A runtime with an account database, in memory.

mod bank;
mod footprint;
mod lite;
mod rent;

use std::future::Future;

use nosana_client::{Event, logs};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::failure::Failure;

pub use {
    bank::Bank,
    footprint::{Footprint, MAX_TRANSACTION_BYTES},
    lite::Lite,
    rent::RentChange,
};

/// The result of a transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Compute units of all its instructions.
    pub compute_units: u64,
    /// Its log lines.
    pub logs: Vec<String>,
    /// Its size.
    pub footprint: Footprint,
    /// The rent that it moved. A bank does not measure it, nor does a simulation.
    pub rent: Option<RentChange>,
}

impl Executed {
    /// Returns the compute units of the calls to `program` by other programs, in order, each with
    /// the calls inside it.
    pub fn inner_units(&self, program: &Address) -> Vec<u64> {
        let begins = format!("Program {program} invoke [");
        let used = format!("Program {program} consumed ");
        let mut lines = self.logs.iter();
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            let depth = line.strip_prefix(&begins).and_then(|rest| rest.strip_suffix(']'));
            if depth.is_none_or(|depth| depth == "1") {
                continue;
            }

            let units: Option<u64> = lines
                .clone()
                .find_map(|line| line.strip_prefix(&used)?.split(' ').next()?.parse().ok());
            found.extend(units);
        }
        found
    }

    /// Returns the events of the three programs, in order.
    pub fn events(&self) -> Vec<Event> {
        logs::decode_events(&self.logs)
    }
}

/// A runtime. Each transaction gets a blockhash of its own, so that equal ones may follow each
/// other.
pub trait Chain: Sized {
    /// Starts with these accounts, at the unix time `now`.
    fn start(accounts: Vec<(Address, Account)>, now: i64) -> impl Future<Output = Self>;

    /// Sends one transaction and waits for its end.
    fn send(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> impl Future<Output = Result<Executed, Failure>>;

    /// Returns the account at `address`.
    fn account(&self, address: &Address) -> impl Future<Output = Option<Account>>;

    /// Writes an account without a transaction: for states that are hard or impossible to reach.
    fn set_account(&self, address: &Address, account: Account);

    /// The unix time.
    fn now(&self) -> i64;

    /// Sets the unix time.
    fn set_now(&self, now: i64);
}

//! A bank of the validator's runtime that threads share. The bank of the other suites is behind the
//! server of `solana-program-test`, which takes one transaction at a time.

use std::sync::{Arc, RwLock};

use nosana_tests::{Chain, Executed, Failure, Footprint};
use solana_account::{Account, AccountSharedData};
use solana_address::Address;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_runtime::{bank::Bank, bank_forks::BankForks};
use solana_runtime_transaction::runtime_transaction::RuntimeTransaction;
use solana_signer::Signer;
use solana_transaction::{
    Transaction, TransactionVerificationMode, sanitized::SanitizedTransaction,
    versioned::VersionedTransaction,
};

use crate::genesis::start_forks;

/// A signed transaction in the form that a bank executes.
pub type Prepared = RuntimeTransaction<SanitizedTransaction>;

/// The working bank of a chain with all features of the runtime.
pub struct SharedBank {
    bank: Arc<Bank>,
    /// The bank's cache of programs reads them, and does not keep them alive.
    _forks: Arc<RwLock<BankForks>>,
}

impl SharedBank {
    /// The bank.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Registers another blockhash, so that equal transactions may follow each other.
    pub fn renew_blockhash(&self) {
        self.bank.register_unique_recent_blockhash_for_test();
    }

    /// Signs a transaction and verifies its signature, as a validator does before a bank has it.
    pub fn prepare_transaction(&self, instructions: &[Instruction], payer: &Keypair) -> Prepared {
        let transaction = self.sign_transaction(instructions, payer, &[]);
        self.bank
            .verify_transaction(
                VersionedTransaction::from(transaction),
                TransactionVerificationMode::FullVerification,
            )
            .expect("the transaction is valid")
    }

    fn sign_transaction(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Transaction {
        let all: Vec<&Keypair> = std::iter::once(payer).chain(signers.iter().copied()).collect();
        let blockhash = self.bank.last_blockhash();
        Transaction::new_signed_with_payer(instructions, Some(&payer.pubkey()), &all, blockhash)
    }
}

impl Chain for SharedBank {
    async fn start(accounts: Vec<(Address, Account)>, now: i64) -> Self {
        let forks = start_forks(accounts);
        let bank = forks.read().expect("no thread panicked").working_bank();

        let chain = Self { bank, _forks: forks };
        chain.set_now(now);
        chain
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<Executed, Failure> {
        self.renew_blockhash();
        let transaction = self.sign_transaction(instructions, payer, signers);
        let footprint = Footprint::of(&transaction);

        let done = self
            .bank
            .process_transaction_with_metadata(transaction)
            .map_err(|error| Failure { error, logs: Vec::new() })?;
        let logs = done.log_messages.unwrap_or_default();
        match done.status {
            Ok(()) => {
                Ok(Executed { compute_units: done.executed_units, logs, footprint, rent: None })
            }
            Err(error) => Err(Failure { error, logs }),
        }
    }

    async fn account(&self, address: &Address) -> Option<Account> {
        let account = self.bank.get_account(address).map(Account::from);
        account.filter(|account| account.lamports > 0)
    }

    fn set_account(&self, address: &Address, account: Account) {
        self.bank.store_account(address, &AccountSharedData::from(account));
    }

    fn now(&self) -> i64 {
        self.bank.clock().unix_timestamp
    }

    fn set_now(&self, now: i64) {
        let clock = Clock { unix_timestamp: now, ..self.bank.clock() };
        self.bank.set_sysvar_for_tests(&clock);
    }
}

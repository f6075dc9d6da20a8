use std::cell::RefCell;

use agave_feature_set::FeatureSet;
use litesvm::LiteSVM;
use solana_account::Account;
use solana_address::Address;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_rent::Rent;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{
    Chain, Executed, Footprint,
    rent::{RentChange, list_balances},
};
use crate::{failure::Failure, terms::SOL};

/// The environment variable that chooses the features: `all` for every feature, else mainnet's.
pub const FEATURES: &str = "NOSANA_FEATURES";

/// Returns a runtime with mainnet's current features, or with all future ones as well.
fn new_runtime() -> LiteSVM {
    if std::env::var(FEATURES).is_ok_and(|features| features == "all") {
        return LiteSVM::default()
            .with_feature_set(FeatureSet::all_enabled())
            .with_builtins()
            .with_lamports(1_000_000 * SOL)
            .with_sysvars()
            .with_feature_accounts()
            .with_default_programs();
    }
    LiteSVM::new()
}

/// LiteSVM: no bank, no threads, some ten times faster. See [`FEATURES`].
pub struct Lite {
    svm: RefCell<LiteSVM>,
}

impl Lite {
    /// Sets the price of rent to this percentage of its current value.
    pub fn set_rent_percent(&self, percent: u64) {
        let mut svm = self.svm.borrow_mut();
        let rent: Rent = svm.get_sysvar();
        svm.set_sysvar(&Rent { lamports_per_byte: rent.lamports_per_byte * percent / 100, ..rent });
    }

    /// Simulates a transaction, as if every required signature were there.
    pub fn simulate(
        &self,
        instructions: &[Instruction],
        payer: &Address,
    ) -> Result<Executed, Failure> {
        let svm = self.svm.borrow();
        let message =
            Message::new_with_blockhash(instructions, Some(payer), &svm.latest_blockhash());
        let transaction = Transaction::new_unsigned(message);
        let footprint = Footprint::of(&transaction);
        match svm.simulate_transaction(transaction) {
            Ok(done) => Ok(Executed {
                compute_units: done.meta.compute_units_consumed,
                logs: done.meta.logs,
                footprint,
                rent: None,
            }),
            Err(failed) => Err(Failure { error: failed.err, logs: failed.meta.logs }),
        }
    }
}

impl Chain for Lite {
    async fn start(accounts: Vec<(Address, Account)>, now: i64) -> Self {
        let mut svm = new_runtime()
            .with_transaction_history(0)
            .with_log_bytes_limit(None)
            .with_sigverify(false);
        for (address, account) in accounts {
            svm.set_account(address, account).expect("the runtime accepts the account");
        }
        let lite = Self { svm: RefCell::new(svm) };
        lite.set_now(now);
        lite
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<Executed, Failure> {
        let mut svm = self.svm.borrow_mut();
        svm.expire_blockhash();

        let all: Vec<&Keypair> = std::iter::once(payer).chain(signers.iter().copied()).collect();
        let transaction = Transaction::new_signed_with_payer(
            instructions,
            Some(&payer.pubkey()),
            &all,
            svm.latest_blockhash(),
        );

        let footprint = Footprint::of(&transaction);
        let addresses = transaction.message.account_keys.clone();
        let before = list_balances(&svm, &addresses);
        match svm.send_transaction(transaction) {
            Ok(meta) => Ok(Executed {
                compute_units: meta.compute_units_consumed,
                logs: meta.logs,
                footprint,
                rent: Some(RentChange::since(&svm, &addresses, &before)),
            }),
            Err(failed) => Err(Failure { error: failed.err, logs: failed.meta.logs }),
        }
    }

    async fn account(&self, address: &Address) -> Option<Account> {
        self.svm.borrow().get_account(address).filter(|account| account.lamports > 0)
    }

    fn set_account(&self, address: &Address, account: Account) {
        self.svm
            .borrow_mut()
            .set_account(*address, account)
            .expect("the runtime accepts the account");
    }

    fn now(&self) -> i64 {
        self.svm.borrow().get_sysvar::<Clock>().unix_timestamp
    }

    fn set_now(&self, now: i64) {
        let mut svm = self.svm.borrow_mut();
        let clock = Clock { unix_timestamp: now, ..svm.get_sysvar() };
        svm.set_sysvar(&clock);
    }
}

//! The first two banks of a chain, as `solana-program-test` creates them.

use std::sync::{Arc, RwLock};

use solana_account::{Account, AccountSharedData};
use solana_accounts_db::accounts_db::ACCOUNTS_DB_CONFIG_FOR_BENCHMARKS;
use solana_address::Address;
use solana_program_binaries::spl_programs;
use solana_rent::Rent;
use solana_runtime::{
    bank::Bank, bank_forks::BankForks, genesis_utils::create_genesis_config_with_leader,
};

/// The lamports of the only validator, of its stake, and of a wallet that nothing uses.
const GENESIS_LAMPORTS: u64 = 1_000_000_000_000_000;

/// Starts a chain with all features of the runtime, the programs of SPL and these accounts. Its
/// working bank is the second one: programs of slot 0 may be called from slot 1 on.
pub fn start_forks(accounts: Vec<(Address, Account)>) -> Arc<RwLock<BankForks>> {
    let genesis = create_genesis(accounts);
    genesis.fill_bank_with_ticks_for_tests();

    // The second bank finds the forks in the first one.
    let forks = BankForks::new_rw_arc(genesis);
    let parent = forks.read().expect("no thread panicked").root_bank();
    let child = Bank::new_from_parent(Arc::clone(&parent), *parent.leader(), parent.slot() + 1);
    forks.write().expect("no thread panicked").insert(child);
    forks
}

/// Returns the bank of slot 0.
fn create_genesis(accounts: Vec<(Address, Account)>) -> Bank {
    let validator = Address::new_from_array([0x7a; 32]);
    let created = create_genesis_config_with_leader(GENESIS_LAMPORTS, &validator, GENESIS_LAMPORTS);
    let mut genesis = created.genesis_config;
    // The function above sets both to zero.
    genesis.rent = Rent::default();
    genesis.fee_rate_governor = Default::default();

    let bank = Bank::new_from_genesis(
        &genesis,
        Arc::default(),
        Vec::default(),
        None,
        ACCOUNTS_DB_CONFIG_FOR_BENCHMARKS,
        None,
        None,
        Arc::default(),
        None,
        None,
    );

    for (address, account) in spl_programs(&genesis.rent) {
        bank.store_account(&address, &account);
    }
    for (address, account) in accounts {
        bank.store_account(&address, &AccountSharedData::from(account));
    }
    bank.set_capitalization_for_tests(bank.calculate_capitalization_for_tests());
    bank
}

//! The rent that a transaction locks in accounts, and that it returns.

use litesvm::LiteSVM;
use solana_address::Address;

/// Lamports of rent that a transaction moved: all that an account with data, or one that it closed,
/// gained or lost. Wallets have no data, and no transaction of a test empties one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RentChange {
    /// Lamports that accounts gained.
    pub locked: u64,
    /// Lamports that accounts lost.
    pub returned: u64,
}

/// Returns the lamports of these accounts, in their order.
pub fn list_balances(svm: &LiteSVM, addresses: &[Address]) -> Vec<u64> {
    addresses.iter().map(|address| svm.get_balance(address).unwrap_or_default()).collect()
}

impl RentChange {
    /// Compares the accounts of a transaction with the lamports that they had before it.
    pub fn since(svm: &LiteSVM, addresses: &[Address], before: &[u64]) -> Self {
        let mut change = Self::default();

        for ((address, before), now) in
            addresses.iter().zip(before).zip(list_balances(svm, addresses))
        {
            let has_data =
                || svm.get_account(address).is_some_and(|account| !account.data.is_empty());
            if now == 0 || (now != *before && has_data()) {
                change.locked += now.saturating_sub(*before);
                change.returned += before.saturating_sub(now);
            }
        }
        change
    }
}

//! The bytes that a transaction loads, as Agave's account loader counts them: the data of all its
//! accounts, the code of the programs among them, and a number of bytes for each.
//!
//! The cost model takes this number as an argument. The loader keeps its rule private, and LiteSVM
//! leaves out the code.

use nosana_tests::{
    Chain, Lite, World,
    programs::{LOADER, data_address},
};
use solana_address::Address;

/// Bytes that each account counts beside its data: `TRANSACTION_ACCOUNT_BASE_SIZE` of
/// `solana-svm`.
const ACCOUNT_BYTES: usize = 64;

/// Returns the bytes that a transaction with these accounts loads.
pub async fn count_loaded_bytes(world: &World<Lite>, addresses: &[Address]) -> u32 {
    let mut bytes = 0;

    for address in addresses {
        let Some(account) = world.chain.account(address).await else { continue };
        bytes += ACCOUNT_BYTES + account.data.len();
        if account.owner == LOADER {
            let code = world.chain.account(&data_address(address)).await;
            bytes += code.map_or(0, |code| ACCOUNT_BYTES + code.data.len());
        }
    }

    u32::try_from(bytes).expect("a transaction loads less than 4 GiB")
}

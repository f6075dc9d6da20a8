//! Addresses of the upgradeable loader.

use solana_address::Address;

/// The loader of upgradeable programs.
const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// Returns the address of an upgradeable program's data account, which holds its upgrade authority.
pub(super) fn program_data_address(program: &Address) -> Address {
    Address::find_program_address(&[program.as_ref()], &LOADER).0
}

//! The steps, in the order in which [`crate::apply`] takes them.

pub mod grants;
pub mod jobs;
pub mod market;
pub mod mint;
pub mod rewards;
pub mod staking;

use solana_address::Address;

/// The loader of upgradeable programs.
const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// Where an upgradeable program's data, and with it its upgrade authority, is kept.
pub fn program_data(program: &Address) -> Address {
    Address::find_program_address(&[program.as_ref()], &LOADER).0
}

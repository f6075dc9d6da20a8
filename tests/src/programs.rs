//! The three programs as upgradeable programs: two accounts each, as a deployment creates them.

use std::{env, fs, path::PathBuf};

use nosana_client::{jobs, rewards, staking};
use solana_account::Account;
use solana_address::Address;

/// The loader of upgradeable programs.
pub const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// The programs by the names of their files.
pub const ALL: [(&str, Address); 3] =
    [("nosana_jobs", jobs::ID), ("nosana_staking", staking::ID), ("nosana_rewards", rewards::ID)];

/// The loader's tags of the two accounts.
const PROGRAM: u32 = 2;
const PROGRAM_DATA: u32 = 3;
/// Bytes before the ELF: tag, slot, whether there is an authority, and the authority.
const DATA_HEADER: usize = 45;

/// Returns the account with a program's code and its upgrade authority.
pub fn data_address(program: &Address) -> Address {
    Address::find_program_address(&[program.as_ref()], &LOADER).0
}

/// Returns the accounts of all three programs, deployed in slot 0; `authority` may upgrade and so
/// initialize them.
pub fn accounts(authority: &Address) -> Vec<(Address, Account)> {
    ALL.iter()
        .flat_map(|(name, program)| deployed(program, &read_program(name), Some(authority)))
        .collect()
}

/// Returns the two accounts of a program: the code first, then the account that points to it, which
/// is the order that the runtimes require. Without an `authority` it cannot be upgraded.
pub fn deployed(
    program: &Address,
    elf: &[u8],
    authority: Option<&Address>,
) -> [(Address, Account); 2] {
    let code = data_address(program);
    let mut data = PROGRAM_DATA.to_le_bytes().to_vec();
    data.extend(0_u64.to_le_bytes());
    if let Some(authority) = authority {
        data.push(1);
        data.extend(authority.as_ref());
    }
    data.resize(DATA_HEADER, 0);
    data.extend(elf);
    let mut pointer = PROGRAM.to_le_bytes().to_vec();
    pointer.extend(code.as_ref());
    [(code, account(data, false)), (*program, account(pointer, true))]
}

/// Returns the folder in which `cargo xtask build-programs` puts what it builds.
pub fn deploy_folder() -> PathBuf {
    env::var_os("SBF_OUT_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy")),
        PathBuf::from,
    )
}

/// Reads a program that `cargo xtask build-programs` has built.
pub fn read_program(name: &str) -> Vec<u8> {
    let file = deploy_folder().join(name).with_extension("so");
    fs::read(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask build-programs`", file.display())
    })
}

fn account(data: Vec<u8>, executable: bool) -> Account {
    // More than any rent.
    Account { lamports: 100_000_000_000, data, owner: LOADER, executable, rent_epoch: u64::MAX }
}

//! Programs from `.so` files, as the two accounts that the upgradeable loader would have created.

use std::{fs, io, path::PathBuf};

use anyhow::{Context, Result, bail};
use solana_account::Account;
use solana_address::{Address, address};

/// The upgradeable loader.
const LOADER: Address = address!("BPFLoaderUpgradeab1e11111111111111111111111");
/// Bytes before the ELF in a program's data account: variant, slot, authority.
const DATA_HEADER_BYTES: usize = 4 + 8 + 1 + 32;
/// Variant of the loader's state for a program account.
const PROGRAM_VARIANT: u32 = 2;
/// Variant of the loader's state for a program's data account.
const PROGRAM_DATA_VARIANT: u32 = 3;

/// A compiled program and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFile {
    /// The program's declared address.
    pub address: Address,
    /// The `.so` file that `cargo xtask build-programs` writes.
    pub path: PathBuf,
}

/// A program file and its content.
pub(crate) struct LoadedProgram {
    pub file: ProgramFile,
    elf: Vec<u8>,
}

impl LoadedProgram {
    pub fn read_file(file: ProgramFile) -> Result<Self> {
        let path = file.path.display();
        match fs::read(&file.path) {
            Ok(elf) if elf.is_empty() => {
                bail!("the program file {path} is empty; run `cargo xtask build-programs`")
            }
            Ok(elf) => Ok(Self { elf, file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("the program file {path} is missing; run `cargo xtask build-programs`")
            }
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the program file {path}"))
            }
        }
    }

    /// Builds the program's accounts, in the order that the runtime requires: the code, then the
    /// account that points to it. `rent` returns the rent-exempt balance in lamports for a size in
    /// bytes.
    pub fn build_accounts(
        &self,
        authority: Option<Address>,
        rent: impl Fn(usize) -> u64,
    ) -> [(Address, Account); 2] {
        let code = Address::find_program_address(&[self.file.address.as_ref()], &LOADER).0;

        // Deployed in slot 0, so that an upgrade is possible in any later slot.
        let mut data = Vec::with_capacity(DATA_HEADER_BYTES + self.elf.len());
        data.extend(PROGRAM_DATA_VARIANT.to_le_bytes());
        data.extend(0u64.to_le_bytes());
        if let Some(authority) = authority {
            data.push(1);
            data.extend(authority.as_ref());
        }
        data.resize(DATA_HEADER_BYTES, 0);
        data.extend(&self.elf);

        let mut pointer = PROGRAM_VARIANT.to_le_bytes().to_vec();
        pointer.extend(code.as_ref());

        let account = |data: Vec<u8>, executable| Account {
            lamports: rent(data.len()),
            data,
            owner: LOADER,
            executable,
            rent_epoch: u64::MAX,
        };
        [(code, account(data, false)), (self.file.address, account(pointer, true))]
    }
}

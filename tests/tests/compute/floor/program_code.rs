//! The code of a program, and that of the floors at the same address.

use nosana_tests::programs::{ALL, deployed, read_program};
use solana_account::Account;
use solana_address::Address;

/// The accounts of a program: its code, and what points to it.
pub type Code = [(Address, Account); 2];

/// The code of a program, and that of its floors.
pub struct ProgramCode {
    /// The program.
    pub own: Code,
    /// The program of the floors, at the same address.
    pub floor: Code,
}

impl ProgramCode {
    /// Reads the code of all three programs.
    pub fn read_all(deployer: &Address) -> [Self; 3] {
        let floor = read_program("nosana_floor");
        ALL.map(|(name, program)| Self {
            own: deployed(&program, &read_program(name), Some(deployer)),
            floor: deployed(&program, &floor, Some(deployer)),
        })
    }

    /// Returns the address of the program.
    pub const fn address(&self) -> &Address {
        let [_, (address, _)] = &self.own;
        address
    }
}

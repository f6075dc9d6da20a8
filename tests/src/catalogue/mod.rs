//! Every instruction of the three programs, once, with the suites that cover it.
//!
//! Each suite compares what it covers with this catalogue ([`check`]). Anyone who adds an
//! instruction adds one entry here; the suites then fail until they cover the instruction or the
//! entry gives a reason why they do not. Each failure names the file to fill.
//!
//! | module | content |
//! | --- | --- |
//! | [`entry`] | programs, suites, and the entry of an instruction |
//! | [`jobs`], [`staking`], [`rewards`] | the entries of each program |
//! | [`idl`] | the instructions in the IDLs: names, discriminators, accounts |
//! | [`check`] | a suite against the catalogue |

mod check;
mod entry;
pub mod idl;
mod jobs;
mod rewards;
mod staking;

use solana_instruction::Instruction;

pub use check::{check, missing_entries};
pub use entry::{Coverage, Entry, Program, Suite};

/// All entries: `jobs`, `staking`, `rewards`, by name.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    jobs::ENTRIES.iter().chain(staking::ENTRIES).chain(rewards::ENTRIES)
}

/// Returns the entry of an instruction.
pub fn find_entry(program: Program, name: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.program == program && entry.name == name)
}

/// Returns the entry of the instruction that this transaction instruction calls: none for programs
/// that are not ours.
pub fn identify(instruction: &Instruction) -> Option<&'static Entry> {
    let program = Program::ALL.into_iter().find(|it| it.id() == instruction.program_id)?;
    let name = idl::instruction_name(program, &instruction.data)?;
    find_entry(program, name)
}

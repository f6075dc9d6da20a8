//! The floor of an instruction, for tests: what its calls, system calls and logs cost in a program
//! that does little else. It is never deployed.
//!
//! A test puts it at the address of one of the programs, so that owners and signatures are those of
//! the instruction, and calls it with the instruction's accounts. The instruction data is a
//! [`Recipe`] and the seeds of an address.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`recipe`] | what one call does, as bytes |
//! | [`calls`] | calls of the system program and the token program |
//! | [`syscalls`] | logs, and the derivation of an address |

pub mod calls;
pub mod recipe;
pub mod syscalls;

use pinocchio::{
    AccountView, Address, ProgramResult,
    address::address_eq,
    cpi::Signer,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use recipe::{NONE, Recipe};

/// The most accounts of a call: those of the longest instruction that is compared, and some more.
const MAX_ACCOUNTS: usize = 16;
/// Bytes of an account before its fields.
const DISCRIMINATOR_LEN: usize = 8;
/// How many fields of eight bytes are read and written in an account.
const FIELDS: usize = 6;

pinocchio::entrypoint!(run_recipe, { MAX_ACCOUNTS });

/// Does what the recipe in `data` says.
pub fn run_recipe(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (bytes, seeds) = data.split_first_chunk().ok_or(ProgramError::InvalidInstructionData)?;
    let recipe = Recipe::from_bytes(bytes);
    let now = if recipe.reads_clock == 0 { 0 } else { Clock::get()?.unix_timestamp };

    if recipe.created != NONE {
        create_derived(program, accounts, &recipe, seeds)?;
    }
    for place in &recipe.writes {
        if *place != NONE {
            write_fields(program, find_account(accounts, *place)?, now)?;
        }
    }
    if recipe.source != NONE {
        transfer_tokens(accounts, &recipe, seeds)?;
    }
    log_event(find_account(accounts, recipe.logged)?, recipe.event_bytes)?;
    if recipe.closed != NONE {
        let closed = find_account(accounts, recipe.closed)?;
        close_account(closed, find_account(accounts, recipe.receiver)?)?;
    }
    Ok(())
}

/// Returns the account at this place.
#[inline(always)]
fn find_account(accounts: &[AccountView], place: u8) -> Result<AccountView, ProgramError> {
    accounts.get(usize::from(place)).copied().ok_or(ProgramError::NotEnoughAccountKeys)
}

/// Creates the account, after its address has been derived.
#[inline(always)]
fn create_derived(
    program: &Address,
    accounts: &[AccountView],
    recipe: &Recipe,
    seeds: &[u8],
) -> ProgramResult {
    let funder = find_account(accounts, recipe.funder)?;
    let created = find_account(accounts, recipe.created)?;
    let seeds = recipe.split_seeds(seeds).ok_or(ProgramError::InvalidInstructionData)?;

    syscalls::check_address(program, seeds, created.address())?;
    calls::create_account(program, &funder, &created, recipe.space, seeds)
}

/// Reads and writes the first fields of an account of the program.
#[inline(always)]
fn write_fields(program: &Address, mut account: AccountView, now: i64) -> ProgramResult {
    if !address_eq(account.owner(), program) {
        return Err(ProgramError::InvalidAccountOwner);
    }

    // SAFETY: nothing else borrows the data before this function returns.
    let data = unsafe { account.borrow_unchecked_mut() };
    let (_, fields) =
        data.split_at_mut_checked(DISCRIMINATOR_LEN).ok_or(ProgramError::InvalidAccountData)?;
    let (fields, _) = fields.as_chunks_mut::<8>();
    let fields = fields.first_chunk_mut::<FIELDS>().ok_or(ProgramError::InvalidAccountData)?;
    for field in fields {
        *field = i64::from_le_bytes(*field).wrapping_add(now).to_le_bytes();
    }
    Ok(())
}

/// Pays one or two token accounts.
#[inline(always)]
fn transfer_tokens(accounts: &[AccountView], recipe: &Recipe, seeds: &[u8]) -> ProgramResult {
    let source = find_account(accounts, recipe.source)?;
    let authority = find_account(accounts, recipe.authority)?;
    let [first, second] = recipe.destinations;
    let first = find_account(accounts, first)?;
    if authority.is_signer() {
        calls::transfer_one(&source, &first, &authority, &[]);
        return Ok(());
    }

    let seeds = recipe.split_seeds(seeds).ok_or(ProgramError::InvalidInstructionData)?;
    let seeds = calls::as_signer_seeds(seeds);
    let signers = [Signer::from(&seeds)];
    if second == NONE {
        calls::transfer_one(&source, &first, &authority, &signers);
        return Ok(());
    }

    let second = find_account(accounts, second)?;
    calls::transfer_both(&source, [&first, &second], &authority, &signers);
    Ok(())
}

/// Logs the first bytes of an account: an event of as many bytes costs as much, whatever it says.
#[inline(always)]
fn log_event(account: AccountView, bytes: u16) -> ProgramResult {
    // SAFETY: nothing borrows the data mutably.
    let data = unsafe { account.borrow_unchecked() };
    let event = data.get(..usize::from(bytes)).ok_or(ProgramError::InvalidAccountData)?;
    syscalls::log_data(event);
    Ok(())
}

/// Closes an account; its lamports go to `receiver`.
#[inline(always)]
fn close_account(mut closed: AccountView, mut receiver: AccountView) -> ProgramResult {
    let lamports = receiver.lamports().checked_add(closed.lamports());
    receiver.set_lamports(lamports.ok_or(ProgramError::ArithmeticOverflow)?);
    closed.set_lamports(0);
    closed.close()
}

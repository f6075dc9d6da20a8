//! Token accounts of the classic SPL Token program. Amounts are base units: 10⁻⁶ NOS.

pub use nosana_protocol::units::NOS_DECIMALS;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use spl_associated_token_account_interface::{
    address::get_associated_token_address_with_program_id,
    instruction::create_associated_token_account_idempotent,
};
use spl_token_interface::{
    instruction,
    state::{Account, Mint},
};

use crate::{codec::DecodeError, error::ClientError};

/// The classic SPL Token program.
pub const PROGRAM: Address = spl_token_interface::ID;
/// Bytes of a mint account.
pub const MINT_SIZE: usize = Mint::LEN;
/// Bytes of a token account.
pub const ACCOUNT_SIZE: usize = Account::LEN;

/// Returns the associated token account of a wallet for a mint.
pub fn associated_address(wallet: &Address, mint: &Address) -> Address {
    get_associated_token_address_with_program_id(wallet, mint, &PROGRAM)
}

/// Creates the wallet's associated token account at the payer's cost; does nothing if it exists.
pub fn create_associated_account(payer: &Address, wallet: &Address, mint: &Address) -> Instruction {
    create_associated_token_account_idempotent(payer, wallet, mint, &PROGRAM)
}

/// Creates a mint with the decimals of NOS: a new account, which must sign, and its initialization.
/// `rent_lamports` is the rent of [`MINT_SIZE`] bytes on this cluster.
///
/// # Errors
/// If the token program's interface rejects the arguments.
pub fn create_mint(
    payer: &Address,
    mint: &Address,
    authority: &Address,
    rent_lamports: u64,
) -> Result<[Instruction; 2], ClientError> {
    let space = u64::try_from(MINT_SIZE).unwrap_or(u64::MAX);
    let account = solana_system_interface::instruction::create_account(
        payer,
        mint,
        rent_lamports,
        space,
        &PROGRAM,
    );
    let initialize = instruction::initialize_mint2(&PROGRAM, mint, authority, None, NOS_DECIMALS);

    Ok([account, initialize.map_err(request_error)?])
}

/// Mints `amount` base units into a token account.
///
/// # Errors
/// If the token program's interface rejects the arguments.
pub fn mint_to(
    mint: &Address,
    account: &Address,
    authority: &Address,
    amount: u64,
) -> Result<Instruction, ClientError> {
    instruction::mint_to(&PROGRAM, mint, account, authority, &[], amount).map_err(request_error)
}

/// Transfers `amount` base units; the program checks the mint and its decimals.
///
/// # Errors
/// If the token program's interface rejects the arguments.
pub fn transfer_tokens(
    from: &Address,
    to: &Address,
    mint: &Address,
    owner: &Address,
    amount: u64,
) -> Result<Instruction, ClientError> {
    instruction::transfer_checked(&PROGRAM, from, mint, to, owner, &[], amount, NOS_DECIMALS)
        .map_err(request_error)
}

/// Reads a token account.
///
/// # Errors
/// If the data are not a valid token account.
pub fn read_account(data: &[u8]) -> Result<Account, DecodeError> {
    Account::unpack(data).map_err(|_| DecodeError::Invalid { what: "token account" })
}

/// Reads a mint.
///
/// # Errors
/// If the data are not a valid mint.
pub fn read_mint(data: &[u8]) -> Result<Mint, DecodeError> {
    Mint::unpack(data).map_err(|_| DecodeError::Invalid { what: "mint" })
}

fn request_error(error: impl std::fmt::Display) -> ClientError {
    ClientError::Request {
        what: format!("the token program's interface rejects the instruction: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, PROGRAM, associated_address, create_associated_account, transfer_tokens};

    #[test]
    fn program_and_associated_addresses_are_known() {
        assert_eq!(PROGRAM.to_string(), "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");

        let [wallet, mint] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let associated: Address =
            Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
        let seeds = [wallet.as_ref(), PROGRAM.as_ref(), mint.as_ref()];
        assert_eq!(
            associated_address(&wallet, &mint),
            Address::find_program_address(&seeds, &associated).0
        );

        let create = create_associated_account(&wallet, &wallet, &mint);
        assert_eq!((create.program_id, create.data), (associated, vec![1]));
    }

    #[test]
    fn transfers_name_the_mint_and_its_decimals() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let instruction = transfer_tokens(&a, &b, &c, &d, 5).unwrap();
        assert_eq!(instruction.data, [12, 5, 0, 0, 0, 0, 0, 0, 0, 6]);
        let order: Vec<_> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        assert_eq!(order, [a, c, b, d]);
    }
}

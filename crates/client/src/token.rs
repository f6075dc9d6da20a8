//! Token accounts of the classic SPL Token program. Amounts are base units: 1 NOS is 1,000,000 of
//! them.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use spl_associated_token_account_interface::{
    address::get_associated_token_address_with_program_id,
    instruction::create_associated_token_account_idempotent,
};
use spl_token_interface::{
    error::TokenError,
    instruction,
    state::{Account, Mint},
};

use crate::{codec::DecodeError, error::ClientError};

/// The classic SPL Token program.
pub const PROGRAM: Address = spl_token_interface::ID;
/// Decimals of NOS.
pub const NOS_DECIMALS: u8 = 6;
/// Bytes of a mint account.
pub const MINT_SIZE: usize = Mint::LEN;
/// Bytes of a token account.
pub const ACCOUNT_SIZE: usize = Account::LEN;

/// The token account that a wallet has for a mint by convention.
pub fn associated_address(wallet: &Address, mint: &Address) -> Address {
    get_associated_token_address_with_program_id(wallet, mint, &PROGRAM)
}

/// Makes the wallet's token account at the payer's cost; does nothing if it is there.
pub fn create_associated(payer: &Address, wallet: &Address, mint: &Address) -> Instruction {
    create_associated_token_account_idempotent(payer, wallet, mint, &PROGRAM)
}

/// Makes a mint with the decimals of NOS: a new account, which must sign, and its initialization.
/// `rent_lamports` is what [`MINT_SIZE`] bytes cost on this cluster.
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
    Ok([account, initialize.map_err(refused)?])
}

/// Mints `amount` base units into a token account.
pub fn mint_to(
    mint: &Address,
    account: &Address,
    authority: &Address,
    amount: u64,
) -> Result<Instruction, ClientError> {
    instruction::mint_to(&PROGRAM, mint, account, authority, &[], amount).map_err(refused)
}

/// Moves `amount` base units; the program checks the mint and its decimals.
pub fn transfer(
    from: &Address,
    to: &Address,
    mint: &Address,
    owner: &Address,
    amount: u64,
) -> Result<Instruction, ClientError> {
    instruction::transfer_checked(&PROGRAM, from, mint, to, owner, &[], amount, NOS_DECIMALS)
        .map_err(refused)
}

/// Reads a token account.
pub fn read_account(data: &[u8]) -> Result<Account, DecodeError> {
    Account::unpack(data).map_err(|_| DecodeError::Invalid { what: "token account" })
}

/// Reads a mint.
pub fn read_mint(data: &[u8]) -> Result<Mint, DecodeError> {
    Mint::unpack(data).map_err(|_| DecodeError::Invalid { what: "mint" })
}

/// Name and meaning of the token program's own errors.
pub(crate) fn error(code: u32) -> Option<(String, String)> {
    let error = TokenError::try_from(code).ok()?;
    Some((format!("{error:?}"), error.to_string()))
}

fn refused(error: impl std::fmt::Display) -> ClientError {
    ClientError::Request {
        what: format!("the token program's interface refuses the instruction: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, PROGRAM, associated_address, create_associated, transfer};

    #[test]
    fn knows_the_program_and_its_addresses() {
        assert_eq!(PROGRAM.to_string(), "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
        let (wallet, mint) = (Address::new_from_array([1; 32]), Address::new_from_array([2; 32]));
        let associated: Address =
            Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
        let seeds = [wallet.as_ref(), PROGRAM.as_ref(), mint.as_ref()];
        assert_eq!(
            associated_address(&wallet, &mint),
            Address::find_program_address(&seeds, &associated).0
        );
        let create = create_associated(&wallet, &wallet, &mint);
        assert_eq!((create.program_id, create.data), (associated, vec![1]));
    }

    #[test]
    fn transfers_name_the_mint_and_its_decimals() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let instruction = transfer(&a, &b, &c, &d, 5).unwrap();
        assert_eq!(instruction.data, [12, 5, 0, 0, 0, 0, 0, 0, 0, 6]);
        let order: Vec<_> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        assert_eq!(order, [a, c, b, d]);
    }
}

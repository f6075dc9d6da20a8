//! Tokens of collections, which give nodes access to markets.

use nosana_client::token;
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::World;
use crate::{chain::Chain, terms::SOL};

/// The Token Metadata program.
pub const METADATA: Address =
    Address::from_str_const("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");
/// The collection that markets of the tests require.
pub const COLLECTION: Address = Address::new_from_array([0xc0; 32]);

/// A token account, and the metadata of its token.
pub type Pass = (Address, Address);

/// A metadata account as the Token Metadata program writes it. `options` has the creators and the
/// two options before the collection.
pub fn metadata_of(mint: &Address, collection: Option<(bool, Address)>, options: bool) -> Vec<u8> {
    let mut data = vec![4];
    data.extend([0xaa; 32]);
    data.extend(mint.as_ref());
    for text in ["Members".as_bytes(), b"MBR", b"https://example.org/1.json"] {
        data.extend(u32::try_from(text.len()).expect("short").to_le_bytes());
        data.extend(text);
    }
    data.extend(500_u16.to_le_bytes());
    if options {
        data.push(1);
        data.extend(2_u32.to_le_bytes());
        for creator in [1, 2] {
            data.extend([creator; 32]);
            data.extend([1, 50]);
        }
    } else {
        data.push(0);
    }
    data.extend([1, 0]);
    data.extend(if options { vec![1, 254, 1, 4] } else { vec![0, 0] });
    match collection {
        Some((verified, address)) => {
            data.extend([1, verified.into()]);
            data.extend(address.as_ref());
        }
        None => data.push(0),
    }
    // What follows is not read.
    data.extend([0; 40]);
    data
}

impl<C: Chain> World<C> {
    /// Puts an account of `owner` at the address that consists of this byte.
    pub fn write_account(&self, place: u8, owner: Address, data: Vec<u8>) -> Address {
        let address = Address::new_from_array([place; 32]);
        let account = Account { lamports: SOL, data, owner, ..Account::default() };
        self.chain.set_account(&address, account);
        address
    }

    /// Opens a token account of `holder` for `mint` with so many tokens in it.
    pub async fn hold_token(&self, holder: &Keypair, mint: &Address, amount: u64) -> Address {
        let owner = holder.pubkey();
        self.run(token::create_associated_account(&owner, &owner, mint), &[holder]).await;
        let account = token::associated_address(&owner, mint);
        if amount > 0 {
            let mint_to = token::mint_to(mint, &account, &self.deployer.pubkey(), amount);
            self.run(mint_to.expect("valid"), &[&self.deployer]).await;
        }
        account
    }

    /// Gives `holder` a token of [`COLLECTION`], whose metadata has all that it may have.
    pub async fn give_pass(&self, holder: &Keypair) -> Pass {
        let mint = self.mint_with(0, false).await;
        let token = self.hold_token(holder, &mint, 1).await;
        let data = metadata_of(&mint, Some((true, COLLECTION)), true);
        (token, self.write_account(0xcc, METADATA, data))
    }
}

//! Whether a wallet can pay for a command: checked before anything is done, and explained if a
//! transaction fails because the wallet has too little SOL.

use anyhow::{Error, Result, bail};
use nosana_client::{ClientError, Session, token};
use solana_address::Address;

use super::values::{format_nos, format_sol};

/// Lamports for the signatures of a command, at 5,000 each.
pub const FEE_LAMPORTS: u64 = 15_000;
/// How to get SOL on a test network.
const FAUCET: &str = "on a test network `nosana wallet airdrop` gets some";

/// What a command costs a wallet.
#[derive(Clone, Copy, Debug)]
pub struct Cost<'a> {
    /// What is paid for, such as `the job`.
    pub what: &'a str,
    /// Base units of NOS.
    pub tokens: u64,
    /// Sizes of the accounts that are created, in bytes.
    pub accounts: &'a [usize],
    /// Lamports for fees.
    pub fees: u64,
}

/// What a wallet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// SOL, in lamports.
    pub lamports: u64,
    /// NOS, in base units; `None` if the wallet has no token account.
    pub tokens: Option<u64>,
}

impl<'a> Cost<'a> {
    /// The cost of one transaction.
    pub const fn new(what: &'a str, tokens: u64, accounts: &'a [usize]) -> Self {
        Self { what, tokens, accounts, fees: FEE_LAMPORTS }
    }

    /// The lamports that a wallet must have: rent, fees, and the rent of the wallet itself, below
    /// which no wallet may fall.
    async fn needed_lamports(&self, session: &Session) -> Result<u64> {
        let mut lamports = self.fees.saturating_add(session.fetch_rent(0).await?);
        for bytes in self.accounts {
            lamports = lamports.saturating_add(session.fetch_rent(*bytes).await?);
        }
        Ok(lamports)
    }
}

impl Balance {
    /// Fetches the balance of a wallet.
    pub async fn fetch(session: &Session, mint: &Address, wallet: &Address) -> Result<Self> {
        let lamports = session.fetch_lamports(wallet).await?;
        let account = token::associated_address(wallet, mint);
        Ok(Self { lamports, tokens: find_tokens(session, &account).await? })
    }
}

/// Returns the base units in a token account; `None` if it does not exist.
pub async fn find_tokens(session: &Session, account: &Address) -> Result<Option<u64>> {
    let found = session.fetch_raw_account(account).await?;
    let found = found.filter(|found| found.owner == token::PROGRAM);

    let tokens = found.and_then(|found| token::read_account(&found.data).ok());
    Ok(tokens.map(|tokens| tokens.amount))
}

/// Fails with the missing amounts unless the wallet can pay.
pub async fn ensure_funds(
    session: &Session,
    mint: &Address,
    wallet: &Address,
    cost: Cost<'_>,
) -> Result<()> {
    let balance = Balance::fetch(session, mint, wallet).await?;
    let lamports = cost.needed_lamports(session).await?;

    let missing = describe_missing(balance, lamports, cost.tokens, wallet, mint);
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "the wallet {wallet} cannot pay for {}, so nothing was done: {}",
        cost.what,
        missing.join("; ")
    )
}

/// Explains a transaction that failed because its payer has too little SOL. Returns other errors
/// unchanged.
pub async fn explain_shortage(session: &Session, payer: &Address, error: ClientError) -> Error {
    let Some(shortage) = error.find_sol_shortage() else { return error.into() };
    let Ok(lamports) = session.fetch_lamports(payer).await else { return error.into() };

    let needs = shortage.needed_lamports.map_or_else(
        || "it needs more for rent and fees".to_owned(),
        |needed| format!("one account alone needs {} of rent", format_sol(needed)),
    );
    Error::new(error).context(format!(
        "the wallet {payer} has too little SOL: it has {}, and {needs}; send SOL to {payer}, \
         {FAUCET}",
        format_sol(lamports)
    ))
}

/// What is missing: for each token what is there, what is needed, and where to send it.
fn describe_missing(
    balance: Balance,
    lamports: u64,
    tokens: u64,
    wallet: &Address,
    mint: &Address,
) -> Vec<String> {
    let mut missing = Vec::new();

    if balance.lamports < lamports {
        missing.push(format!(
            "it has {} and needs {} for rent and fees: send {} to {wallet}, {FAUCET}",
            format_sol(balance.lamports),
            format_sol(lamports),
            format_sol(lamports - balance.lamports)
        ));
    }
    let present = balance.tokens.unwrap_or(0);
    if present < tokens {
        missing.push(format!(
            "it has {} and needs {}: send {} (token {mint}) to {wallet}",
            format_nos(present),
            format_nos(tokens),
            format_nos(tokens - present)
        ));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_each_token_and_what_is_missing() {
        let [wallet, mint] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let describe = |lamports, tokens| {
            describe_missing(Balance { lamports, tokens }, 10, 500_000, &wallet, &mint).join("; ")
        };
        assert_eq!(describe(10, Some(500_000)), "");

        let no_sol = describe(4, Some(500_000));
        assert!(no_sol.contains("0.000000004 SOL and needs 0.000000010 SOL"), "{no_sol}");
        assert!(no_sol.contains(&format!("send 0.000000006 SOL to {wallet}")), "{no_sol}");
        assert!(!no_sol.contains("NOS"), "{no_sol}");

        for (tokens, text) in [(None, "0.000000 NOS"), (Some(1), "0.000001 NOS")] {
            let no_nos = describe(10, tokens);
            assert!(no_nos.contains(&format!("{text} and needs 0.500000 NOS")), "{no_nos}");
            assert!(no_nos.contains(&format!("(token {mint}) to {wallet}")), "{no_nos}");
        }
    }
}

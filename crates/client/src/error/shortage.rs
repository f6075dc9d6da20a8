//! Transactions that fail because their payer has too little SOL.

use solana_rpc_client_api::client_error::TransactionError;

use super::ClientError;

/// The system program's error of a transfer above the balance.
const NEGATIVE_LAMPORTS: u32 = 1;
/// How the system program logs it.
const LOG_MARK: &str = "insufficient lamports ";

/// A transaction that failed because its payer has too little SOL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolShortage {
    /// Lamports that one of its steps needed, if the logs have them.
    pub needed_lamports: Option<u64>,
}

impl ClientError {
    /// Returns what is known if the transaction failed because its payer has too little SOL.
    pub fn find_sol_shortage(&self) -> Option<SolShortage> {
        let is_short = match self {
            Self::Transaction { error, .. } => matches!(
                error,
                TransactionError::AccountNotFound
                    | TransactionError::InsufficientFundsForFee
                    | TransactionError::InsufficientFundsForRent { .. }
            ),
            Self::Program(error) => {
                error.program == solana_system_interface::program::ID
                    && error.code == NEGATIVE_LAMPORTS
            }
            _ => false,
        };

        let needed_lamports = self.logs().iter().find_map(|line| parse_needed(line));
        is_short.then_some(SolShortage { needed_lamports })
    }
}

/// Reads `Transfer: insufficient lamports 5, need 10`.
fn parse_needed(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once(LOG_MARK)?;
    let (_, needed) = rest.split_once("need ")?;
    needed.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_needed_lamports_are_read_from_the_log() {
        assert_eq!(parse_needed("Transfer: insufficient lamports 5, need 10"), Some(10));
        assert_eq!(parse_needed("Program log: need 10"), None);

        let fee = ClientError::Transaction {
            error: TransactionError::InsufficientFundsForFee,
            advice: "",
            logs: Vec::new(),
            signature: None,
        };
        assert_eq!(fee.find_sol_shortage(), Some(SolShortage { needed_lamports: None }));
        let other = ClientError::Request { what: "no".to_owned() };
        assert_eq!(other.find_sol_shortage(), None);
    }
}

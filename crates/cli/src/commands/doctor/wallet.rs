//! Checks of the key and of what it has.

use nosana_client::{jobs::accounts::Config, pda};
use solana_signer::Signer;

use super::finding::Finding;
use crate::commands::{
    connection::ConnectionOptions,
    funds::Balance,
    values::{format_nos, format_sol},
};

/// Checks the key, and looks at its balance if the network answers.
pub async fn check_wallet(connection: &ConnectionOptions) -> Vec<Finding> {
    let keypair = match connection.read_key() {
        Ok(keypair) => keypair,
        Err(error) => return vec![Finding::bad("key", &error)],
    };
    let address = keypair.pubkey();
    let path = connection.find_key_path().unwrap_or_default();
    let mut findings = vec![Finding::good("key", format!("{address} in {}", path.display()))];

    let Ok(session) = connection.open_session().await else { return findings };
    let Ok(config) = session.fetch_account::<Config>(&pda::jobs::config()).await else {
        return findings;
    };
    if let Ok(balance) = Balance::fetch(&session, &config.nos_mint, &address).await {
        findings.push(describe_balance(balance, &address.to_string()));
    }
    findings
}

/// A wallet that has nothing of a token can neither list a job nor run a node.
fn describe_balance(balance: Balance, address: &str) -> Finding {
    let tokens = balance.tokens.unwrap_or(0);
    let text = format!("{}, {}", format_sol(balance.lamports), format_nos(tokens));

    if balance.lamports > 0 && tokens > 0 {
        return Finding::good("wallet", text);
    }
    Finding::missing(
        "wallet",
        format!(
            "{text}; jobs and nodes need both: send them to {address}, \
             on a test network `nosana wallet airdrop` gets SOL"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    #[test]
    fn an_empty_wallet_gets_advice() {
        let describe = |lamports, tokens| describe_balance(Balance { lamports, tokens }, "me");
        assert_eq!(describe(1, Some(1)).outcome, Outcome::Good);
        for (lamports, tokens) in [(0, Some(1)), (1, None), (1, Some(0))] {
            let finding = describe(lamports, tokens);
            assert_eq!(finding.outcome, Outcome::Missing);
            assert!(finding.text.contains("send them to me"), "{}", finding.text);
        }
    }
}

//! What a node lets a client in for.

use std::sync::Arc;

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_net::{
    SystemClock,
    access::Grant,
    job::{CredentialSource, WalletCredentials},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Checks that a grant is for this job. Everything else is the node's to check.
pub fn check_ticket(ticket: &Grant, address: &Address) -> Result<()> {
    ensure!(
        ticket.job == *address,
        "the grant is for the job {}, not for {address}; name that one",
        ticket.job
    );
    Ok(())
}

/// Signatures of a wallet for this job.
pub fn sign_with_wallet(
    wallet: Keypair,
    address: Address,
    job: &Job,
) -> Result<Arc<dyn CredentialSource>> {
    let own = wallet.pubkey();
    ensure!(
        [job.client, job.payer].contains(&own),
        "{own} is neither client nor payer of the job; name their key with --keypair, or use a \
         grant with --ticket, which `nosana job share` prints for the client"
    );
    Ok(Arc::new(WalletCredentials::new(Arc::new(wallet), address, SystemClock)))
}

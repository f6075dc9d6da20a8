//! The cluster that steps apply to.

use anyhow::Result;
use nosana_client::Session;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The cluster, and the deployer who pays.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// A connection to the cluster.
    pub session: &'a Session,
    /// Upgrade authority of the three programs; pays for everything.
    pub deployer: &'a Keypair,
}

impl Target<'_> {
    /// Sends `instructions`, signed by the deployer and `signers`.
    pub(crate) async fn send_instructions(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<()> {
        self.session.send_transaction(instructions, self.deployer, signers).await?;
        Ok(())
    }

    /// Returns whether an account exists at `address`.
    pub(crate) async fn account_exists(&self, address: &Address) -> Result<bool> {
        Ok(self.session.fetch_raw_account(address).await?.is_some())
    }
}

//! Sending: simulate, sign, deliver, and sign anew only when the first cannot land any more.

use std::time::Instant;

use solana_instruction::Instruction;
use solana_rpc_client_api::config::RpcSimulateTransactionConfig;
use solana_signer::Signer;

use super::{
    Session,
    confirm::Delivery,
    message::{MOST_UNITS, Request, Signers},
    receipt::{Landed, Receipt},
};
use crate::{error::ClientError, failure::failure};

/// Added to what the simulation used: other people's transactions may come first and change the
/// path that is taken.
const SPARE_UNITS: u64 = 5_000;
/// And a tenth of it.
const SPARE_DIVISOR: u64 = 10;

/// How to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendOptions {
    /// Compute units to ask for. `None` simulates first, and asks for a tenth and 5,000 more than
    /// that used. With a number there is no simulation: one round trip less, and a transaction that
    /// fails costs its fee.
    pub compute_units: Option<u32>,
    /// Priority fee in micro-lamports per compute unit.
    pub priority_micro_lamports: u64,
    /// How often to sign anew after the transaction expired without landing.
    pub signed_anew: u32,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { compute_units: None, priority_micro_lamports: 0, signed_anew: 2 }
    }
}

impl Session {
    /// Sends one transaction, and waits until it is confirmed and its details are known.
    ///
    /// A failing simulation is an error, and then nothing has been sent or paid. Two transactions
    /// are never under way at once: the same bytes are sent again until they land or expire.
    pub async fn send(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
    ) -> Result<Receipt, ClientError> {
        self.send_with(instructions, payer, signers, &SendOptions::default()).await
    }

    /// The same, with options.
    pub async fn send_with(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
        options: &SendOptions,
    ) -> Result<Receipt, ClientError> {
        let landed = self.land(instructions, payer, signers, options).await?;
        self.receipt(&landed).await
    }

    /// Sends one transaction, and waits until it is confirmed: a round trip less than
    /// [`Self::send_with`].
    pub async fn land(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
        options: &SendOptions,
    ) -> Result<Landed, ClientError> {
        let begun = Instant::now();
        let request = Request { instructions, payer, signers, options };
        let (units, mut latest) = tokio::try_join!(self.units(&request), self.blockhash())?;
        let mut left = options.signed_anew;
        loop {
            let (blockhash, last_valid) = latest;
            let (transaction, signature) = request.signed(units, blockhash)?;
            match self.deliver(&transaction, signature, last_valid).await? {
                Delivery::Landed { slot, result: Ok(()) } => {
                    return Ok(Landed { signature, slot, latency: begun.elapsed() });
                }
                Delivery::Landed { result: Err(error), .. } => {
                    let logs = self.logs(&signature).await;
                    return Err(failure(
                        error,
                        logs,
                        Some(signature),
                        &request.programs(),
                        request.own(),
                    ));
                }
                Delivery::Expired if left == 0 => return Err(ClientError::Expired { signature }),
                Delivery::Expired => left -= 1,
            }
            latest = self.blockhash().await?;
        }
    }

    /// Compute units that the transaction would use; its error if it would fail.
    pub async fn simulate(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
    ) -> Result<u64, ClientError> {
        let options = SendOptions::default();
        self.simulated(&Request { instructions, payer, signers: &[], options: &options }).await
    }

    async fn simulated(&self, request: &Request<'_>) -> Result<u64, ClientError> {
        let transaction = request.unsigned()?;
        let config = RpcSimulateTransactionConfig {
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            ..RpcSimulateTransactionConfig::default()
        };
        let simulate = || self.rpc.simulate_transaction_with_config(&transaction, config.clone());
        let outcome = self.call("simulating a transaction", simulate).await?.value;
        match outcome.err {
            None => Ok(outcome.units_consumed.unwrap_or_else(|| u64::from(MOST_UNITS))),
            Some(error) => {
                let logs = outcome.logs.unwrap_or_default();
                Err(failure(error.into(), logs, None, &request.programs(), request.own()))
            }
        }
    }

    /// The compute limit to ask for.
    async fn units(&self, request: &Request<'_>) -> Result<u32, ClientError> {
        if let Some(units) = request.options.compute_units {
            return Ok(units);
        }
        let used = self.simulated(request).await?;
        let wanted = used.saturating_add(used / SPARE_DIVISOR).saturating_add(SPARE_UNITS);
        Ok(u32::try_from(wanted).unwrap_or(MOST_UNITS).min(MOST_UNITS))
    }

    /// The latest blockhash, and the last block height at which it is valid.
    async fn blockhash(&self) -> Result<(solana_hash::Hash, u64), ClientError> {
        let fetch = || self.rpc.get_latest_blockhash_with_commitment(self.commitment);
        self.call("asking for a blockhash", fetch).await
    }
}

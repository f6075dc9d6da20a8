//! Simulates transactions, and chooses the limits that they request.

use solana_instruction::Instruction;
use solana_rpc_client_api::config::RpcSimulateTransactionConfig;
use solana_signer::Signer;

use super::{
    SendOptions, Session,
    loaded_limit::choose_loaded_limit,
    message::{Limits, MAX_COMPUTE_UNITS, TransactionRequest},
};
use crate::error::ClientError;

/// Compute units beyond those of the simulation: other transactions may land first and change the
/// path that the programs take.
const SPARE_UNITS: u64 = 5_000;
/// The divisor for the share of the simulated units that is added to [`SPARE_UNITS`].
const SPARE_DIVISOR: u64 = 10;

/// What a transaction used in the simulation.
struct SimulatedUse {
    /// Compute units.
    units: u64,
    /// Bytes of accounts and of the code of programs. `None` if the node does not report them or
    /// reports zero, or if the transaction has no room for the instruction that limits them.
    loaded_bytes: Option<u32>,
}

impl Session {
    /// Simulates a transaction, and returns the compute units that it uses.
    ///
    /// # Errors
    /// If the transaction would fail, or cannot be built or simulated.
    pub async fn simulate_transaction(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
    ) -> Result<u64, ClientError> {
        let options = SendOptions::default();
        let request = TransactionRequest { instructions, payer, signers: &[], options: &options };
        Ok(self.simulate_request(&request).await?.units)
    }

    async fn simulate_request(
        &self,
        request: &TransactionRequest<'_>,
    ) -> Result<SimulatedUse, ClientError> {
        let (transaction, limits) = request.build_unsigned()?;
        let config = RpcSimulateTransactionConfig {
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            min_context_slot: self.newest_slot.min_context(),
            ..RpcSimulateTransactionConfig::default()
        };
        let simulate = || self.rpc.simulate_transaction_with_config(&transaction, config.clone());
        let outcome = self.call_node("simulating a transaction", simulate).await?.value;

        // Every transaction loads its payer: a node that reports zero has not counted.
        let reported = outcome.loaded_accounts_data_size.filter(|bytes| *bytes > 0);

        match outcome.err {
            None => Ok(SimulatedUse {
                units: outcome.units_consumed.unwrap_or_else(|| u64::from(MAX_COMPUTE_UNITS)),
                loaded_bytes: limits.loaded_bytes.and(reported),
            }),
            Some(error) => {
                let logs = outcome.logs.unwrap_or_default();
                Err(request.to_failure(error.into(), logs, None, limits))
            }
        }
    }

    /// Returns the limits to request: the caller's compute units alone, or those that follow from a
    /// simulation.
    pub(super) async fn choose_limits(
        &self,
        request: &TransactionRequest<'_>,
    ) -> Result<Limits, ClientError> {
        if let Some(units) = request.options.compute_units {
            return Ok(Limits { units, loaded_bytes: None });
        }

        let SimulatedUse { units: used, loaded_bytes } = self.simulate_request(request).await?;
        let units = choose_unit_limit(used);
        Ok(Limits { units, loaded_bytes: loaded_bytes.map(choose_loaded_limit) })
    }
}

/// Returns the limit of compute units to request, given those that the simulation used: a tenth and
/// 5,000 more, and at most 1,400,000.
pub fn choose_unit_limit(used: u64) -> u32 {
    let wanted = used.saturating_add(used / SPARE_DIVISOR).saturating_add(SPARE_UNITS);
    u32::try_from(wanted).unwrap_or(MAX_COMPUTE_UNITS).min(MAX_COMPUTE_UNITS)
}

#[cfg(test)]
mod tests {
    use super::{MAX_COMPUTE_UNITS, choose_unit_limit};

    #[test]
    fn limits_of_units_have_a_margin_and_are_bounded() {
        assert_eq!(choose_unit_limit(0), 5_000);
        assert_eq!(choose_unit_limit(4_000), 9_400);
        assert_eq!(choose_unit_limit(1_300_000), MAX_COMPUTE_UNITS);
        assert_eq!(choose_unit_limit(u64::MAX), MAX_COMPUTE_UNITS);
    }
}

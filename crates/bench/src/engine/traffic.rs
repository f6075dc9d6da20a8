//! The transactions of jobs, and their bytes.

use anyhow::{Context, Result};
use nosana_client::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use solana_rpc_client_api::request::RpcRequest;
use solana_signature::Signature;

/// The transactions of the client and of the node for a job, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobTraffic {
    /// How many they are.
    pub transactions: f64,
    /// Their bytes on the wire.
    pub bytes: f64,
}

impl JobTraffic {
    /// Reads the transactions of this many jobs from the network.
    pub async fn measure_jobs(
        session: &Session,
        jobs: usize,
        signatures: &[Signature],
    ) -> Result<Self> {
        let mut sizes = Vec::with_capacity(signatures.len());
        for signature in signatures {
            sizes.push(fetch_size(session, signature).await?);
        }
        Ok(Self::of_sizes(jobs, &sizes))
    }

    /// Returns the averages; zeros if there are no jobs.
    fn of_sizes(jobs: usize, sizes: &[usize]) -> Self {
        let of_job = |total: usize| total as f64 / jobs.max(1) as f64;
        Self { transactions: of_job(sizes.len()), bytes: of_job(sizes.iter().sum()) }
    }
}

/// Returns the bytes of a transaction.
async fn fetch_size(session: &Session, signature: &Signature) -> Result<usize> {
    let config = json!({
        "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 0,
    });
    let params = json!([signature.to_string(), config]);
    let found: Value = session
        .rpc()
        .send(RpcRequest::GetTransaction, params)
        .await
        .with_context(|| format!("cannot read the transaction {signature}"))?;

    let encoded = found["transaction"][0].as_str();
    let encoded = encoded.with_context(|| format!("the network lacks the bytes of {signature}"))?;
    Ok(count_decoded(encoded))
}

/// Returns the number of bytes that a text in base64 encodes.
fn count_decoded(encoded: &str) -> usize {
    let padding = encoded.bytes().rev().take_while(|byte| *byte == b'=').count();
    (encoded.len() / 4 * 3).saturating_sub(padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_not_counted() {
        assert_eq!(["", "AA==", "AAA=", "AAAA", "AAAAAA=="].map(count_decoded), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn averages_are_of_jobs() {
        let traffic = JobTraffic::of_sizes(2, &[600, 500, 400, 500, 400]);
        assert_eq!(traffic, JobTraffic { transactions: 2.5, bytes: 1_200.0 });
        assert_eq!(JobTraffic::of_sizes(0, &[]), JobTraffic::default());
    }
}

//! A market's terms as JSON: the fields of the chain's account, with its names and units.

use std::path::Path;

use anyhow::{Context, Result};
use nosana_client::jobs::types::MarketTerms;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use solana_address::Address;

/// The terms; docs/jobs.md explains each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsJson {
    access_collection: Option<String>,
    price_per_second: u64,
    min_xnos: u64,
    collateral_per_job: u64,
    no_start_penalty: u64,
    max_timeout_seconds: u64,
    queue_seconds: u32,
    start_seconds: u32,
    heartbeat_seconds: u32,
    finish_grace_seconds: u32,
    challenge_seconds: u32,
    retention_seconds: u32,
    min_vram_mib: u32,
    min_prompt_tokens_per_second: u32,
    panel_fee_bps: u16,
    min_reputation_bps: u16,
    max_attempts: u16,
    max_parallel: u16,
    min_timeout_seconds: u32,
    min_run_seconds: u32,
    dispute_seconds: u32,
    min_collateral_ratio: u32,
}

/// Returns terms as JSON.
pub fn terms_to_json(terms: &MarketTerms) -> Result<Value> {
    let collection = terms.access_collection;

    let terms = TermsJson {
        access_collection: (collection != Address::default()).then(|| collection.to_string()),
        price_per_second: terms.price_per_second,
        min_xnos: terms.min_xnos,
        collateral_per_job: terms.collateral_per_job,
        no_start_penalty: terms.no_start_penalty,
        max_timeout_seconds: terms.max_timeout_seconds,
        queue_seconds: terms.queue_seconds,
        start_seconds: terms.start_seconds,
        heartbeat_seconds: terms.heartbeat_seconds,
        finish_grace_seconds: terms.finish_grace_seconds,
        challenge_seconds: terms.challenge_seconds,
        retention_seconds: terms.retention_seconds,
        min_vram_mib: terms.min_vram_mib,
        min_prompt_tokens_per_second: terms.min_prompt_tokens_per_second,
        panel_fee_bps: terms.panel_fee_bps,
        min_reputation_bps: terms.min_reputation_bps,
        max_attempts: terms.max_attempts,
        max_parallel: terms.max_parallel,
        min_timeout_seconds: terms.min_timeout_seconds,
        min_run_seconds: terms.min_run_seconds,
        dispute_seconds: terms.dispute_seconds,
        min_collateral_ratio: terms.min_collateral_ratio,
    };

    Ok(serde_json::to_value(terms)?)
}

/// Reads terms from a file.
pub fn read_terms(path: &Path) -> Result<MarketTerms> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;

    parse_terms(&text).with_context(|| {
        format!(
            "{} has no valid terms; `nosana market template` prints a file to edit",
            path.display()
        )
    })
}

fn parse_terms(text: &str) -> Result<MarketTerms> {
    let terms: TermsJson = serde_json::from_str(text)?;
    let collection = terms
        .access_collection
        .map(|text| text.parse().context("/access_collection is not a valid address"));

    Ok(MarketTerms {
        access_collection: collection.transpose()?.unwrap_or_default(),
        price_per_second: terms.price_per_second,
        min_xnos: terms.min_xnos,
        collateral_per_job: terms.collateral_per_job,
        no_start_penalty: terms.no_start_penalty,
        max_timeout_seconds: terms.max_timeout_seconds,
        queue_seconds: terms.queue_seconds,
        start_seconds: terms.start_seconds,
        heartbeat_seconds: terms.heartbeat_seconds,
        finish_grace_seconds: terms.finish_grace_seconds,
        challenge_seconds: terms.challenge_seconds,
        retention_seconds: terms.retention_seconds,
        min_vram_mib: terms.min_vram_mib,
        min_prompt_tokens_per_second: terms.min_prompt_tokens_per_second,
        panel_fee_bps: terms.panel_fee_bps,
        min_reputation_bps: terms.min_reputation_bps,
        max_attempts: terms.max_attempts,
        max_parallel: terms.max_parallel,
        min_timeout_seconds: terms.min_timeout_seconds,
        min_run_seconds: terms.min_run_seconds,
        dispute_seconds: terms.dispute_seconds,
        min_collateral_ratio: terms.min_collateral_ratio,
    })
}

#[cfg(test)]
mod tests {
    use nosana_localnet::default_terms;

    use super::{parse_terms, terms_to_json};

    #[test]
    fn terms_are_read_back_and_unknown_fields_are_named() {
        let text = terms_to_json(&default_terms()).unwrap().to_string();
        assert_eq!(parse_terms(&text).unwrap(), default_terms());
        let wrong = text.replace("min_xnos", "min_xnso");
        assert!(parse_terms(&wrong).unwrap_err().to_string().contains("min_xnso"));
    }
}

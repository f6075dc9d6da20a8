//! The market's terms: what they require, and accepting them.

use std::path::Path;

use anyhow::Result;
use nosana_client::jobs::types::MarketTerms;
use nosana_worker::AcceptedTerms;
use solana_address::Address;

use super::steps::SetupSteps;
use crate::commands::values::{format_nos, format_xnos};

/// Describes what a market requires of a node that runs `parallel` jobs at a time.
pub fn describe_terms(terms: &MarketTerms, parallel: u16) -> String {
    let weight = format_xnos(terms.min_xnos);
    let collateral = format_nos(terms.collateral_per_job);
    let mut text =
        format!("requires {weight}, and {collateral} of collateral a job, {parallel} at a time");

    if terms.min_prompt_tokens_per_second > 0 {
        text.push_str(&format!("; reads {} tokens a second", terms.min_prompt_tokens_per_second));
    }
    if terms.min_vram_mib > 0 {
        text.push_str(&format!("; {} MiB of GPU memory", terms.min_vram_mib));
    }
    text
}

/// Keeps the market's terms in the node's state folder, if one is named.
pub fn accept_terms(
    steps: &SetupSteps<'_>,
    folder: Option<&Path>,
    market: &Address,
    terms: &MarketTerms,
) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let owner = steps.ctx.address();
    let accepted = AcceptedTerms::accept_current(folder, &owner, market, terms)?;

    let price = format_nos(accepted.min_price_per_second);
    let collateral = format_nos(accepted.max_collateral);
    steps.print_line(&format!(
        "terms       accepted in {}: at least {price} a second, at most {collateral} of collateral",
        folder.display()
    ));
    Ok(())
}

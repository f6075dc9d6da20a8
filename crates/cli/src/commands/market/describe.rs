//! A market as JSON.

use anyhow::Result;
use nosana_client::{
    Queue,
    jobs::{accounts::Market, types::MarketTerms},
};
use nosana_protocol::{
    dispute::{checks::sufficient_check_rate, terms::MIN_COLLATERAL_FEES},
    units::{Amount, WHOLE_BPS},
};
use serde_json::{Value, json};
use solana_address::Address;

use super::terms::terms_to_json;

/// Returns the market's account, its queue's counts, and its terms.
pub fn market_to_json(address: &Address, market: &Market, queue: &Queue) -> Result<Value> {
    let waiting = queue.waiting.len();
    let is_announced = market.announced_from != 0;
    let announced = is_announced.then(|| terms_to_json(&market.announced)).transpose()?;
    let waiting_kind = (waiting > 0).then(|| format!("{:?}", queue.fifo.side).to_lowercase());

    Ok(json!({
        "market": address.to_string(),
        "authority": market.authority.to_string(),
        "id": market.id,
        "retired": market.retired != 0,
        "notice_seconds": market.notice_seconds,
        "waiting": waiting,
        "waiting_kind": waiting_kind,
        "open_jobs": queue.header.open_jobs,
        "fees_accrued": queue.header.fees_accrued,
        "auto_check_ppm": auto_check_rate(&market.terms),
        "terms": terms_to_json(&market.terms)?,
        "announced_from": is_announced.then_some(market.announced_from),
        "announced": announced,
    }))
}

/// Returns how many of a million results `--check auto` checks, of verified jobs with the longest
/// timeout that the market takes; `None` if it takes no verified jobs. Of shorter jobs, and where
/// nodes lock more, it checks fewer.
fn auto_check_rate(terms: &MarketTerms) -> Option<u32> {
    if terms.dispute_seconds == 0 {
        return None;
    }

    // Phase and challenge window are at least the timeout of a verified job.
    let most = terms.dispute_seconds.min(terms.challenge_seconds);
    let longest = terms.max_timeout_seconds.min(most.into());
    let pay = terms.price_per_second.saturating_mul(longest).min(covered_pay(terms));
    Some(sufficient_check_rate(Amount(pay), Amount(terms.collateral_per_job)))
}

/// Returns the most that a verified job pays for which the market's collateral suffices.
fn covered_pay(terms: &MarketTerms) -> u64 {
    let collateral = terms.collateral_per_job;
    let by_price = collateral.checked_div(terms.min_collateral_ratio.into()).unwrap_or(u64::MAX);

    // The listing rounds the fee down.
    let fee_bound = u128::from(collateral / MIN_COLLATERAL_FEES).saturating_add(1);
    let pay_bound = fee_bound.saturating_mul(WHOLE_BPS.into()).saturating_sub(1);
    let by_fee = pay_bound.checked_div(terms.panel_fee_bps.into()).unwrap_or(u128::MAX);
    by_price.min(u64::try_from(by_fee).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use nosana_localnet::default_terms;

    use super::*;

    fn verified_terms() -> MarketTerms {
        MarketTerms {
            price_per_second: 1_000,
            collateral_per_job: 12_000_000,
            max_timeout_seconds: 3_600,
            challenge_seconds: 1_800,
            panel_fee_bps: 2_500,
            dispute_seconds: 600,
            min_collateral_ratio: 20,
            ..default_terms()
        }
    }

    #[test]
    fn the_rate_of_checks_is_that_of_the_longest_verified_job() {
        let rate = |change: fn(&mut MarketTerms)| {
            let mut terms = verified_terms();
            change(&mut terms);
            auto_check_rate(&terms)
        };
        // 600 s, the phase of a dispute, with 20 times the pay as collateral: 1 / (21 × 0.7).
        assert_eq!(rate(|_| ()), Some(68_028));
        assert_eq!(rate(|terms| terms.max_timeout_seconds = 300), Some(34_844));
        assert_eq!(rate(|terms| terms.challenge_seconds = 300), Some(34_844));
        assert_eq!(rate(|terms| terms.collateral_per_job = 0), Some(1_000_000));
        assert_eq!(auto_check_rate(&default_terms()), None, "it takes no verified jobs");
    }

    #[test]
    fn no_job_pays_more_than_the_collateral_covers() {
        let long = MarketTerms {
            max_timeout_seconds: 86_400,
            challenge_seconds: 86_400,
            dispute_seconds: 86_400,
            ..verified_terms()
        };
        // No verified job is longer than 600 s: 20 times its price is the collateral.
        assert_eq!(auto_check_rate(&long), Some(68_028));

        // Nor does any pay more than 150,000 where 40 fees, each twice the pay, are collateral.
        let dear = MarketTerms { panel_fee_bps: 20_000, ..long };
        assert_eq!(covered_pay(&dear), 150_000);
        assert_eq!(auto_check_rate(&dear), Some(17_637));
    }
}

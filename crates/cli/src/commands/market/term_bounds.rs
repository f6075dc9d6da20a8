//! The bounds of a market's terms: an error names the field and its bounds, which the program's own
//! refusal does not. One row for each term; the program's `MarketTerms::check_bounds` decides.

use anyhow::{Result, bail};
use nosana_client::jobs::types::MarketTerms;
use nosana_protocol::{
    dispute::terms as dispute,
    slot::NODE_SLOTS,
    units::{SECONDS_PER_DAY, WHOLE_BPS},
};

/// The longest clock of a market but its timeout, in seconds.
const MAX_CLOCK_SECONDS: u64 = 7 * SECONDS_PER_DAY;
/// The shortest wait of a queue or for a start, in seconds.
const MIN_WAIT_SECONDS: u64 = 5;
/// The shortest time that a node has to prove or to deliver something, in seconds.
const MIN_PROOF_SECONDS: u64 = 30;
/// The shortest start clock where a late start costs a penalty, in seconds.
const MIN_START_SECONDS_BEFORE_PENALTY: u64 = 30;
/// The highest penalty for each second of the start clock, in base units.
const MAX_PENALTY_PER_START_SECOND: u64 = 62_500;
/// The highest number of attempts after the first.
const MAX_ATTEMPTS: u64 = 16;

/// A term, its value, and the values that the program accepts.
struct Bound {
    field: &'static str,
    value: u64,
    least: u64,
    most: u64,
}

/// Fails with every term that is out of its bounds. `max_timeout_seconds` is the network's.
pub fn check_bounds(terms: &MarketTerms, max_timeout_seconds: u64) -> Result<()> {
    let problems: Vec<String> = list_bounds(terms, max_timeout_seconds)
        .iter()
        .filter(|bound| !(bound.least..=bound.most).contains(&bound.value))
        .map(Bound::describe)
        .collect();

    if problems.is_empty() {
        return Ok(());
    }
    bail!("the market's terms are out of their bounds:\n  {}", problems.join("\n  "))
}

fn list_bounds(terms: &MarketTerms, max_timeout_seconds: u64) -> Vec<Bound> {
    let whole = u64::from(WHOLE_BPS);
    let min_start = if terms.no_start_penalty > 0 {
        MIN_START_SECONDS_BEFORE_PENALTY
    } else {
        MIN_WAIT_SECONDS
    };

    // No window at all, or one in which a client can read the result.
    let min_challenge = match terms.challenge_seconds {
        _ if takes_verified(terms) => dispute::MIN_WINDOW.0,
        0 => 0,
        _ => MIN_PROOF_SECONDS,
    };
    let max_penalty = u64::from(terms.start_seconds).saturating_mul(MAX_PENALTY_PER_START_SECOND);
    let rows: [(&'static str, u64, u64, u64); 13] = [
        ("price_per_second", terms.price_per_second, 1, u64::MAX),
        ("no_start_penalty", terms.no_start_penalty, 0, terms.collateral_per_job.min(max_penalty)),
        ("min_timeout_seconds", terms.min_timeout_seconds.into(), 1, terms.max_timeout_seconds),
        ("min_run_seconds", terms.min_run_seconds.into(), 0, terms.min_timeout_seconds.into()),
        ("max_timeout_seconds", terms.max_timeout_seconds, 1, max_timeout_seconds),
        ("queue_seconds", terms.queue_seconds.into(), MIN_WAIT_SECONDS, MAX_CLOCK_SECONDS),
        ("start_seconds", terms.start_seconds.into(), min_start, MAX_CLOCK_SECONDS),
        ("heartbeat_seconds", terms.heartbeat_seconds.into(), MIN_PROOF_SECONDS, MAX_CLOCK_SECONDS),
        (
            "finish_grace_seconds",
            terms.finish_grace_seconds.into(),
            MIN_PROOF_SECONDS,
            MAX_CLOCK_SECONDS,
        ),
        ("challenge_seconds", terms.challenge_seconds.into(), min_challenge, MAX_CLOCK_SECONDS),
        ("retention_seconds", terms.retention_seconds.into(), 0, MAX_CLOCK_SECONDS),
        ("min_reputation_bps", terms.min_reputation_bps.into(), 0, whole),
        ("max_attempts", terms.max_attempts.into(), 0, MAX_ATTEMPTS),
    ];
    let parallel = ("max_parallel", terms.max_parallel.into(), 1, NODE_SLOTS.into());
    let rows = rows.into_iter().chain([parallel]).chain(list_dispute_bounds(terms));
    rows.map(|(field, value, least, most)| Bound { field, value, least, most }).collect()
}

/// Returns true if any of the terms for verified jobs is not zero: then all of them are bounded.
fn takes_verified(terms: &MarketTerms) -> bool {
    terms.dispute_seconds > 0 || terms.panel_fee_bps > 0 || terms.min_collateral_ratio > 0
}

/// The terms for verified jobs, which are all zero where there are none.
fn list_dispute_bounds(terms: &MarketTerms) -> [(&'static str, u64, u64, u64); 3] {
    let bounds = |least: u64, most: u64| if takes_verified(terms) { (least, most) } else { (0, 0) };
    let phase = bounds(dispute::MIN_PHASE.0, dispute::MAX_PHASE.0);
    let fee = bounds(dispute::MIN_PANEL_FEE.0.into(), dispute::MAX_PANEL_FEE.0.into());
    let ratio = bounds(dispute::MIN_COLLATERAL_RATIO.into(), dispute::MAX_COLLATERAL_RATIO.into());

    [
        ("dispute_seconds", terms.dispute_seconds.into(), phase.0, phase.1),
        ("panel_fee_bps", terms.panel_fee_bps.into(), fee.0, fee.1),
        ("min_collateral_ratio", terms.min_collateral_ratio.into(), ratio.0, ratio.1),
    ]
}

impl Bound {
    fn describe(&self) -> String {
        let Self { field, value, least, most } = self;
        let most = if *most == u64::MAX { "any number".to_owned() } else { most.to_string() };
        format!("/{field}: {value} is not from {least} to {most}")
    }
}

#[cfg(test)]
mod tests {
    use nosana_localnet::default_terms;

    use super::*;

    const DAY: u64 = 86_400;

    #[test]
    fn every_term_out_of_its_bounds_is_named_with_them() {
        assert!(check_bounds(&default_terms(), 30 * DAY).is_ok());

        let terms = MarketTerms {
            price_per_second: 0,
            heartbeat_seconds: 29,
            finish_grace_seconds: 0,
            max_parallel: 17,
            max_timeout_seconds: 31 * DAY,
            ..default_terms()
        };
        let error = check_bounds(&terms, 30 * DAY).unwrap_err().to_string();
        for problem in [
            "/price_per_second: 0 is not from 1 to any number",
            "/heartbeat_seconds: 29 is not from 30 to 604800",
            "/finish_grace_seconds: 0 is not from 30 to 604800",
            "/max_parallel: 17 is not from 1 to 16",
            "/max_timeout_seconds: 2678400 is not from 1 to 2592000",
        ] {
            assert!(error.contains(problem), "{problem}: {error}");
        }
        assert_eq!(error.lines().count(), 6, "{error}");
    }

    #[test]
    fn a_penalty_needs_collateral_and_time_for_the_start() {
        let quick = MarketTerms { start_seconds: 5, ..default_terms() };
        assert!(check_bounds(&quick, DAY).unwrap_err().to_string().contains("from 30"));
        let free = MarketTerms { no_start_penalty: 0, ..quick };
        assert!(check_bounds(&free, DAY).is_ok());
        let penalty = default_terms().collateral_per_job + 1;
        let harsh = MarketTerms { no_start_penalty: penalty, ..default_terms() };
        assert!(check_bounds(&harsh, DAY).unwrap_err().to_string().contains("no_start_penalty"));
    }
}

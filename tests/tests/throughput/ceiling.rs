//! The accounts that jobs share, and the number of jobs that fit into a block.
//!
//! A leader charges every transaction to the block and to each account that it locks for writing;
//! both have a limit. Only accounts that different jobs write limit their number: each job has an
//! account of its own, and clients and nodes differ.

use std::{collections::BTreeMap, iter};

use nosana_client::pda;
use nosana_localnet::default_terms;
use nosana_scale::{
    costs::{BlockLimits, Costs},
    scenario::MarketClocks,
};
use solana_address::Address;
use solana_clock::DEFAULT_MS_PER_SLOT;
use solana_cost_model::block_cost_limits::{MAX_BLOCK_UNITS, MAX_WRITABLE_ACCOUNT_UNITS};

use crate::cost::Charge;

/// An account that the transactions of different jobs write.
pub struct HotAccount {
    pub name: String,
    /// Transactions of one job that write it.
    pub transactions: u64,
    /// What one job is charged on it.
    pub units: u64,
}

/// The number of whole jobs that fit into blocks with nothing else.
pub struct Ceiling {
    pub markets: u64,
    pub jobs_per_block: u64,
    /// What is full first.
    pub bound: String,
}

impl Ceiling {
    /// The number of jobs in a second of blocks.
    pub fn jobs_per_second(&self) -> f64 {
        self.jobs_per_block as f64 * 1_000.0 / DEFAULT_MS_PER_SLOT as f64
    }
}

/// Returns the accounts that both jobs write, and what the first one is charged on them: the most
/// expensive first. `market` is the market of the first one.
pub fn find_shared(job: &[Charge], other: &[Charge], market: &Address) -> Vec<HotAccount> {
    let is_shared =
        |address: &Address| other.iter().any(|charge| charge.writable.contains(address));
    let mut charged: BTreeMap<Address, (u64, u64)> = BTreeMap::new();

    for charge in job {
        for address in charge.writable.iter().filter(|address| is_shared(address)) {
            let (transactions, units) = charged.entry(*address).or_default();
            *transactions += 1;
            *units += charge.total;
        }
    }

    let hot = |(address, (transactions, units))| HotAccount {
        name: name_account(&address, market),
        transactions,
        units,
    };
    let mut accounts: Vec<HotAccount> = charged.into_iter().map(hot).collect();
    accounts.sort_by_key(|account| std::cmp::Reverse(account.units));
    accounts
}

/// Returns how many jobs of `job_units` fit into a block, if they are in so many markets.
pub fn find_ceiling(
    markets: u64,
    job_units: u64,
    in_market: &[HotAccount],
    between_markets: &[HotAccount],
) -> Ceiling {
    let room_on = |account: &HotAccount| MAX_WRITABLE_ACCOUNT_UNITS / account.units;

    let of_block = (MAX_BLOCK_UNITS / job_units, "the block".to_owned());
    let of_each =
        in_market.iter().map(|account| (markets * room_on(account), account.name.clone()));
    let of_all = between_markets.iter().map(|account| (room_on(account), account.name.clone()));

    let bounds = iter::once(of_block).chain(of_each).chain(of_all);
    let (jobs_per_block, bound) =
        bounds.min_by_key(|(jobs, _)| *jobs).expect("the block is a bound");
    Ceiling { markets, jobs_per_block, bound }
}

/// Names an account of the programs; other accounts have their address.
fn name_account(address: &Address, market: &Address) -> String {
    let names = [
        (*market, "the market"),
        (pda::jobs::queue(market), "the market's queue"),
        (pda::jobs::vault(market), "the market's vault"),
        (pda::jobs::config(), "the configuration of jobs"),
        (pda::jobs::panelists(), "the list of panelists"),
        (pda::staking::config(), "the configuration of staking"),
        (pda::staking::vault(), "the vault of staking"),
        (pda::rewards::pool(), "the reward pool"),
        (pda::rewards::vault(), "the vault of rewards"),
    ];

    let known = names.into_iter().find(|(known, _)| known == address);
    known.map_or_else(|| address.to_string(), |(_, name)| name.to_owned())
}

#[test]
fn what_is_full_first_bounds_the_jobs() {
    let account =
        |name: &str, units: u64| HotAccount { name: name.to_owned(), transactions: 1, units };
    let block = MAX_BLOCK_UNITS / 100;
    let quarter = account("a queue", MAX_WRITABLE_ACCOUNT_UNITS * 4 / block);

    let one = find_ceiling(1, 100, &[quarter], &[]);
    assert_eq!(one.bound, "a queue");
    assert!(one.jobs_per_block.abs_diff(block / 4) <= 1, "{}", one.jobs_per_block);

    let many = find_ceiling(16, 100, &[account("a queue", 100)], &[]);
    assert_eq!((many.jobs_per_block, &*many.bound), (block, "the block"));
    let shared = find_ceiling(16, 100, &[], &[account("a pool", MAX_WRITABLE_ACCOUNT_UNITS)]);
    assert_eq!((shared.jobs_per_block, &*shared.bound), (1, "a pool"));
}

#[test]
fn the_model_of_large_markets_has_the_clocks_of_the_default_terms() {
    let terms = default_terms();
    let expected = MarketClocks {
        start_seconds: f64::from(terms.start_seconds),
        heartbeat_seconds: f64::from(terms.heartbeat_seconds),
        min_run_seconds: f64::from(terms.min_run_seconds),
        max_attempts: u32::from(terms.max_attempts),
    };
    assert_eq!(MarketClocks::DEFAULT, expected);
}

#[test]
fn the_model_of_large_markets_has_the_same_limits_and_formula() {
    let limits = BlockLimits::AGAVE;
    let expected = (MAX_BLOCK_UNITS, MAX_WRITABLE_ACCOUNT_UNITS, DEFAULT_MS_PER_SLOT);
    assert_eq!((limits.block_units, limits.account_units, limits.slot_ms), expected);

    let costs = Costs::from_baseline().expect("the baseline has every instruction");
    let queue =
        || HotAccount { name: "a queue".to_owned(), transactions: 4, units: costs.queue_units() };
    for markets in [1, 2, 16] {
        let ceiling = find_ceiling(markets, costs.job_units(), &[queue()], &[]);
        let modeled = limits.find_ceiling(&costs, markets as usize);
        assert!((ceiling.jobs_per_second() - modeled).abs() < 1e-9, "{markets}: {modeled}");
    }
}

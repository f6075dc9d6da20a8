//! How many whole jobs the programs can run in a second: on LiteSVM in one thread, on a bank in one
//! thread and in several, and in the blocks of a leader.
//!
//! A job is listed, taken, started, finished, settled after its challenge window, and closed. Its
//! node has worked before: for its first job it also locks collateral, which is not measured. Every
//! transaction is the one that a client sends: its signer pays, and it sets its limits of compute
//! units and of loaded bytes. Heartbeats, whose number depends on the length of the run, are left
//! out: they write the job and the wallet that pays, and nothing that jobs share.
//!
//! `target/bench/throughput.json` and `throughput.html` have the figures. `cargo xtask bench
//! throughput` runs many jobs; `cargo test` runs few. Times fail no test.
//!
//! | module | content |
//! | --- | --- |
//! | [`job`] | the transactions of a whole job |
//! | [`timing`] | how long they take on LiteSVM |
//! | [`parallel`], [`execute`] | how many a bank executes in a second, by threads and markets |
//! | [`fleet`] | the clients and nodes of these jobs |
//! | [`bank`], [`genesis`] | the bank |
//! | [`cost`], [`loaded`] | what a leader charges for each |
//! | [`fees`] | what a whole job costs in lamports |
//! | [`ceiling`] | the accounts that jobs share, and the jobs that fit into a block |
//! | [`baseline`] | the comparison with `bench/baseline.json` and the README |
//! | [`report`], [`text`] | the figures as JSON and as text |
//! | [`page`], [`speed`], [`chart`], [`row`] | the figures as a page |

mod bank;
mod baseline;
mod ceiling;
mod chart;
mod cost;
mod execute;
mod fees;
mod fleet;
mod genesis;
mod job;
mod loaded;
mod page;
mod parallel;
mod report;
mod row;
mod speed;
mod text;
mod timing;

use std::env;

use ceiling::{find_ceiling, find_shared};
use cost::{Charge, charge_job, sum_charges};
use job::{Role, next_nonce};
use nosana_tests::{Lite, World, terms::challenged};
use parallel::{check_runs, measure_bank};
use report::Report;
use solana_signer::Signer;
use timing::time_jobs;

/// The variable with the number of jobs that are timed.
const JOBS: &str = "NOSANA_THROUGHPUT_JOBS";
/// The number of jobs that are timed if the variable is not set.
const FEW_JOBS: u32 = 40;
/// Jobs that run before those that are timed.
const WARM_UP_JOBS: u32 = 20;
/// Of so many jobs that are timed on LiteSVM, one is timed on a bank, in each of three ways.
const BANK_DIVISOR: u32 = 4;
/// The number of markets of the second ceiling, and of the jobs that do not share an account.
const MANY_MARKETS: u64 = 16;

/// The number of jobs to time.
fn read_jobs() -> u32 {
    let Ok(text) = env::var(JOBS) else { return FEW_JOBS };
    let jobs: u32 = text.parse().unwrap_or_else(|_| panic!("{JOBS} is not a number: {text}"));

    assert!(jobs > 0, "{JOBS} must be positive");
    jobs
}

/// Measures everything.
async fn measure_throughput() -> Report {
    let world = World::<Lite>::new(challenged()).await;
    let other_market = world.open_market(2, challenged()).await;

    // Different clients and nodes, so that only the programs make jobs share an account.
    let role = Role { client: &world.client, node: &world.node, market: world.market };
    let other = Role { client: &world.stranger, node: &world.other_node, market: world.market };
    let elsewhere = Role { market: other_market, ..other };

    let first = next_nonce(&role.client.pubkey(), 1);
    charge_job(&world, &role, first).await;
    let second = next_nonce(&role.client.pubkey(), first + 1);
    let charges = charge_job(&world, &role, second).await;
    let nonce = next_nonce(&other.client.pubkey(), 1);
    let of_neighbor = charge_job(&world, &other, nonce).await;
    let nonce = next_nonce(&elsewhere.client.pubkey(), nonce + 1);
    let of_stranger = charge_job(&world, &elsewhere, nonce).await;

    let in_market = find_shared(&charges, &of_neighbor, &world.market);
    let between_markets = find_shared(&charges, &of_stranger, &world.market);
    let units = sum_charges(&charges);
    let ceilings =
        [1, MANY_MARKETS].map(|markets| find_ceiling(markets, units, &in_market, &between_markets));

    let jobs = read_jobs();
    let timings = time_jobs(&world, &role, second, jobs).await;
    let bank_runs = measure_bank(jobs.div_ceil(BANK_DIVISOR)).await;
    Report { charges, in_market, between_markets, ceilings, timings, bank_runs }
}

/// Checks that the cost model's total is the sum of its parts, and that of the suite `compute`.
fn check_charge(charge: &Charge) {
    let name = charge.step.name();
    assert_eq!(charge.parts.iter().sum::<u64>(), charge.total, "{name}: the parts of the cost");

    let with_loaded = charge.footprint.block_units(charge.units) + charge.loaded_units();
    assert_eq!(with_loaded, charge.total, "{name}: the cost by its footprint");
    assert!(charge.reserved_with_limit >= charge.total, "{name}: more is charged than reserved");
    assert!(charge.reserved_with_limit < charge.reserved, "{name}: the limit reserves no less");
}

#[tokio::test]
async fn a_whole_job_has_a_time_and_a_cost_and_blocks_have_room_for_many() {
    let report = measure_throughput().await;
    text::print_report(&report);
    report.charges.iter().for_each(check_charge);
    check_ceilings(&report);
    check_runs(&report.bank_runs);

    report.write_files();
    baseline::check_committed(&report);
}

/// Checks what holds for the ceilings and the shared accounts, whatever jobs cost.
fn check_ceilings(report: &Report) {
    let [one, many] = &report.ceilings;
    assert!(one.jobs_per_block > 0, "no job fits into a block");
    assert!(many.jobs_per_block >= one.jobs_per_block, "more markets run fewer jobs");
    assert!(
        many.jobs_per_block <= MANY_MARKETS * one.jobs_per_block,
        "markets run more jobs together than each of them alone"
    );

    assert!(!report.in_market.is_empty(), "jobs of a market write its queue");
    let shared: Vec<&str> = report.between_markets.iter().map(|hot| hot.name.as_str()).collect();
    assert!(shared.is_empty(), "jobs of different markets write the same accounts: {shared:?}");
}

//! How many transactions a bank executes in a second, with one thread and with several.
//!
//! Each transaction is a batch of its own: its accounts are locked, loaded, changed by the programs
//! and committed. It was signed and its signature verified before. Nothing is recorded in a ledger,
//! and no limit of a block applies. Threads of the runtime hash the changed accounts beside this,
//! on the same cores. Steps follow each other: all jobs are listed, then all are taken. The time
//! between them, in which the next transactions are prepared, does not count.

use std::{thread, time::Duration};

use crate::{
    MANY_MARKETS,
    execute::{execute_step, find_duration},
    fleet::Fleet,
    job::Step,
};

/// The number of jobs that are under way at a time: one in each market, if there are many.
const LANES: usize = MANY_MARKETS as usize;

/// Whole jobs on a bank.
pub struct BankRun {
    pub threads: usize,
    pub markets: usize,
    pub transactions: u64,
    /// Transactions that had to wait, because a thread held a lock on one of their accounts.
    pub delayed: u64,
    /// The time of all steps.
    pub total: Duration,
}

impl BankRun {
    /// Transactions in a second.
    pub fn transactions_per_second(&self) -> f64 {
        self.transactions as f64 / self.total.as_secs_f64()
    }

    /// Whole jobs in a second.
    pub fn jobs_per_second(&self) -> f64 {
        self.transactions_per_second() / Step::ALL.len() as f64
    }
}

/// Runs about so many jobs three times: in one thread, on all cores, and on all cores in one
/// market. All transactions must succeed, and the balances must agree.
pub async fn measure_bank(jobs: u32) -> [BankRun; 3] {
    let rounds = u64::from(jobs).div_ceil(MANY_MARKETS);
    let threads = count_threads();
    let mut fleet = Fleet::open(LANES).await;

    // A node locks collateral for its first job.
    run_jobs(&mut fleet, LANES, threads, 1).await;
    let runs = [
        run_jobs(&mut fleet, LANES, 1, rounds).await,
        run_jobs(&mut fleet, LANES, threads, rounds).await,
        run_jobs(&mut fleet, 1, threads, rounds).await,
    ];

    fleet.check_balances(MANY_MARKETS * (1 + 3 * rounds)).await;
    runs
}

/// Returns the number of cores: at least two, so that threads compete, and at most one for each
/// job.
fn count_threads() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get()).clamp(2, LANES)
}

/// Runs a whole job in each lane, as many times as there are rounds.
async fn run_jobs(fleet: &mut Fleet, markets: usize, threads: usize, rounds: u64) -> BankRun {
    let mut run = BankRun { threads, markets, transactions: 0, delayed: 0, total: Duration::ZERO };

    for _ in 0..rounds {
        let mut pairs = fleet.begin_jobs();
        for step in Step::ALL {
            if step == Step::Start {
                pairs = fleet.pair_claimed().await;
            }
            let transactions = fleet.prepare_step(step, markets, &pairs).await;

            let spans = execute_step(fleet.chain().bank(), step, &transactions, threads);
            run.transactions += transactions.len() as u64;
            run.delayed += spans.iter().map(|span| span.delayed).sum::<u64>();
            run.total += find_duration(&spans);
        }
    }
    run
}

/// Checks what holds for the runs on a bank, whatever their times: threads wait for each other only
/// if they execute jobs of the same market.
pub fn check_runs(runs: &[BankRun; 3]) {
    for run in runs {
        let BankRun { threads, markets, transactions, delayed, .. } = run;
        let what = format!("{threads} threads, {markets} markets");
        assert_eq!(*transactions, runs[0].transactions, "the transactions of {what}");
        assert!(*delayed == 0 || *markets == 1, "{what}: {delayed} transactions were delayed");
    }
}

#[tokio::test]
async fn jobs_of_a_market_lock_each_other_out_and_jobs_of_two_markets_do_not() {
    use solana_transaction_error::TransactionError;

    let mut fleet = Fleet::open(2).await;
    let pairs = fleet.begin_jobs();
    let in_one_market = fleet.prepare_step(Step::List, 1, &pairs).await;
    let in_two_markets = fleet.prepare_step(Step::List, 2, &pairs).await;

    let bank = fleet.chain().bank();
    let lock = |transaction| bank.prepare_locked_batch_from_single_tx(transaction);
    let held = lock(&in_one_market[0]);
    assert_eq!(held.lock_results()[0], Ok(()));
    assert_eq!(lock(&in_one_market[1]).lock_results()[0], Err(TransactionError::AccountInUse));
    assert_eq!(lock(&in_two_markets[1]).lock_results()[0], Ok(()), "another market");

    drop(held);
    assert_eq!(lock(&in_one_market[1]).lock_results()[0], Ok(()), "the queue is free again");
}

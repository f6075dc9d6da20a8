//! The transactions of a step, on a bank that threads share.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use solana_runtime::bank::Bank;
use solana_transaction_error::TransactionError;

use crate::{bank::Prepared, job::Step};

/// What one thread did with its transactions of a step.
pub struct Span {
    pub begun: Instant,
    pub ended: Instant,
    /// Transactions that had to wait for a lock.
    pub delayed: u64,
}

/// Executes the transactions of a step, which are spread over the threads.
pub fn execute_step(
    bank: &Bank,
    step: Step,
    transactions: &[Prepared],
    threads: usize,
) -> Vec<Span> {
    let barrier = Barrier::new(threads);
    let execute = |first: usize| {
        barrier.wait();
        let begun = Instant::now();
        let own = transactions.iter().skip(first).step_by(threads);
        let delayed = own.filter(|transaction| execute_one(bank, step, transaction)).count();
        Span { begun, ended: Instant::now(), delayed: delayed as u64 }
    };

    thread::scope(|scope| {
        let execute = &execute;
        let workers: Vec<_> =
            (0..threads).map(|first| scope.spawn(move || execute(first))).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Span>| {
            worker.join().expect("all transactions of the thread succeed")
        };
        workers.into_iter().map(join).collect()
    })
}

/// Executes a transaction, which must succeed, as soon as its accounts are free. Returns whether it
/// had to wait.
fn execute_one(bank: &Bank, step: Step, transaction: &Prepared) -> bool {
    let mut is_delayed = false;

    loop {
        let batch = bank.prepare_locked_batch_from_single_tx(transaction);
        if batch.lock_results().contains(&Err(TransactionError::AccountInUse)) {
            is_delayed = true;
            thread::yield_now();
            continue;
        }

        // Nothing is recorded for clients, such as logs.
        let (results, _) = bank.load_execute_and_commit_transactions(
            &batch,
            Default::default(),
            &mut Default::default(),
            None,
        );
        for result in results {
            let status = result.and_then(|committed| committed.status);
            status.unwrap_or_else(|error| panic!("{}: {error:?}", step.name()));
        }
        return is_delayed;
    }
}

/// The time from the first begin to the last end.
pub fn find_duration(spans: &[Span]) -> Duration {
    let begun = spans.iter().map(|span| span.begun).min();
    let ended = spans.iter().map(|span| span.ended).max();
    ended.zip(begun).map_or(Duration::ZERO, |(ended, begun)| ended - begun)
}

#[test]
fn the_time_of_a_step_is_that_of_its_slowest_thread() {
    let begun = Instant::now();
    let span = |from: u64, to: u64| Span {
        begun: begun + Duration::from_millis(from),
        ended: begun + Duration::from_millis(to),
        delayed: 0,
    };
    assert_eq!(find_duration(&[span(1, 5), span(0, 3), span(2, 9)]), Duration::from_millis(9));
}

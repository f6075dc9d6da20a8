//! The rows of jobs that begin or end in another way, and of what remains of their money.

use super::{
    payments::{DEPOSIT, REFUND, SETTLEMENT, SPLIT},
    row::{Excess, PLAIN, Payment, Row},
};

/// The rows.
pub const OTHER_ROWS: &[Row] = &[
    Row {
        label: "jobs.list, a node waits",
        writes: &["job", "queue"],
        payment: Some(DEPOSIT),
        created: Some(["job", "payer"]),
        ..PLAIN
    },
    Row {
        label: "jobs.assign",
        writes: &["job", "queue"],
        payment: Some(DEPOSIT),
        created: Some(["job", "payer"]),
        ..PLAIN
    },
    Row {
        label: "jobs.stop",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 175, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.reject, to settle",
        writes: &["job", "queue", "node"],
        payment: Some(REFUND),
        excess: Some(Excess {
            max_percent: 190,
            reason: "the checks of nine accounts and of the job's clocks and amounts, the split of \
                     the escrow in checked arithmetic, the node's reputation, and a second event",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.expire_queued",
        writes: &["job", "queue"],
        payment: Some(REFUND),
        excess: Some(Excess {
            max_percent: 170,
            reason: "the checks of six accounts and of the job's clock and amounts, the split of \
                     the escrow in checked arithmetic, and a move of the queue",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.extend",
        writes: &["job"],
        reads_clock: false,
        payment: Some(DEPOSIT),
        ..PLAIN
    },
    Row {
        label: "jobs.top_up",
        writes: &["job"],
        reads_clock: false,
        payment: Some(Payment {
            source: "source",
            authority: "authority",
            destinations: &["vault"],
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.collect",
        writes: &["job", "queue"],
        reads_clock: false,
        payment: Some(Payment {
            source: "vault",
            authority: "market",
            destinations: &["destination"],
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.sweep_fees",
        writes: &["queue"],
        reads_clock: false,
        logged: "market",
        payment: Some(Payment {
            source: "vault",
            authority: "market",
            destinations: &["pool_vault"],
        }),
        ..PLAIN
    },
];

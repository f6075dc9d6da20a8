//! The rows of a job's life, and those of all instructions that have a floor.

use super::{
    other_rows::OTHER_ROWS,
    payments::{DEPOSIT, REFUND, SETTLEMENT, SPLIT},
    row::{Excess, PLAIN, Row},
    stake_rows::STAKE_ROWS,
};

/// The rows of a job's life.
const JOB_ROWS: &[Row] = &[
    Row {
        label: "jobs.list",
        writes: &["job", "queue"],
        payment: Some(DEPOSIT),
        created: Some(["job", "payer"]),
        ..PLAIN
    },
    Row {
        label: "jobs.work, a job waits",
        writes: &["node", "queue"],
        logged: "node",
        excess: Some(Excess {
            max_percent: 250,
            reason: "the checks of ten accounts and of the node against the market's terms, the \
                     search for a free slot, and a move of the queue",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.start",
        writes: &["job", "node"],
        excess: Some(Excess {
            max_percent: 210,
            reason: "the checks of six accounts, the search for the slot, the xNOS of the stake, \
                     the clock of the match and the deadline",
        }),
        ..PLAIN
    },
    Row { label: "jobs.heartbeat", writes: &["job"], ..PLAIN },
    Row {
        label: "jobs.finish",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 175, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.finish, to be settled",
        writes: &["job", "node"],
        excess: Some(Excess {
            max_percent: 240,
            reason: "the checks of nine accounts, which are those of the settlement in a market \
                     without a challenge window, the search for the slot, and the job's clocks",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.settle",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 180, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.accept",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 180, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.cancel",
        writes: &["job", "queue"],
        payment: Some(REFUND),
        excess: Some(Excess {
            max_percent: 170,
            reason: "the checks of seven accounts and of the job's amounts, the split of the \
                     escrow in checked arithmetic, and a move of the queue",
        }),
        ..PLAIN
    },
    Row { label: "jobs.clean", closed: Some(["job", "payer"]), ..PLAIN },
];

/// Returns all rows.
pub fn list_rows() -> impl Iterator<Item = &'static Row> {
    JOB_ROWS.iter().chain(OTHER_ROWS).chain(STAKE_ROWS)
}

/// Returns the row of a label.
pub fn find_row(label: &str) -> &'static Row {
    let row = list_rows().find(|row| row.label == label);
    row.unwrap_or_else(|| panic!("{label} has no row in the files of floor/"))
}

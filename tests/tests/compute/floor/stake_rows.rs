//! The rows of stakes and of the reward pool.

use super::row::{Excess, PLAIN, Payment, Row};

/// What an owner adds to a stake.
const STAKED: Payment = Payment { source: "source", authority: "owner", destinations: &["vault"] };

/// The rows. The stakes have no position: with one, the rewards program is called, and has most of
/// the cost.
pub const STAKE_ROWS: &[Row] = &[
    Row {
        label: "staking.open_stake",
        writes: &["stake"],
        reads_clock: false,
        logged: "stake",
        payment: Some(STAKED),
        created: Some(["stake", "owner"]),
        excess: Some(Excess {
            max_percent: 155,
            reason: "the checks of nine accounts, among them that the owner has no position, and \
                     the weight of the stake in checked arithmetic",
        }),
        ..PLAIN
    },
    Row {
        label: "staking.top_up",
        writes: &["stake"],
        reads_clock: false,
        logged: "stake",
        payment: Some(STAKED),
        excess: Some(Excess {
            max_percent: 200,
            reason: "the checks of nine accounts, among them the vault and the owner's position, \
                     and the weight of the stake in checked arithmetic",
        }),
        ..PLAIN
    },
    Row { label: "staking.unstake", writes: &["stake"], logged: "stake", ..PLAIN },
    Row {
        label: "staking.withdraw",
        writes: &["stake"],
        logged: "stake",
        payment: Some(Payment {
            source: "vault",
            authority: "config",
            destinations: &["destination"],
        }),
        ..PLAIN
    },
    Row {
        label: "rewards.fund",
        writes: &["pool"],
        logged: "pool",
        payment: Some(Payment {
            source: "source",
            authority: "authority",
            destinations: &["vault"],
        }),
        ..PLAIN
    },
    Row {
        label: "rewards.claim",
        writes: &["pool", "position"],
        logged: "position",
        payment: Some(Payment {
            source: "vault",
            authority: "pool",
            destinations: &["destination"],
        }),
        ..PLAIN
    },
    Row {
        label: "rewards.drip",
        writes: &["pool", "stream"],
        logged: "stream",
        excess: Some(Excess {
            max_percent: 180,
            reason: "the checks of both accounts, what is due of the stream, and the index of the \
                     pool, in checked arithmetic",
        }),
        ..PLAIN
    },
];

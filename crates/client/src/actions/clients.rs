//! Instructions of clients.

use solana_address::Address;

use crate::{
    jobs::{accounts::Job, instructions as jobs},
    pda,
    token::associated_address,
};

/// The terms under which a client lists a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobListing {
    /// Distinguishes the jobs of one client; part of the job's address.
    pub nonce: u64,
    /// The definition's digest.
    pub definition: [u8; 32],
    /// Batch or service: a [`nosana_protocol::job::Kind`] as a byte.
    pub kind: u8,
    /// Longest paid time, in seconds.
    pub timeout_seconds: u64,
    /// Highest accepted price, in base units per second.
    pub max_price_per_second: u64,
    /// Whether the content of the job is only for its client, its payer and its node. Their
    /// software sends it: see `docs/network.md`.
    pub is_private: bool,
}

/// Lists a job. The payer's associated token account pays the deposit and receives the refund.
pub fn list(
    client: Address,
    payer: Address,
    market: Address,
    mint: Address,
    order: JobListing,
) -> jobs::List {
    jobs::List {
        client,
        payer,
        config: pda::jobs::config(),
        market,
        queue: pda::jobs::queue(&market),
        job: pda::jobs::job(&client, order.nonce),
        vault: pda::jobs::vault(&market),
        payer_token: associated_address(&payer, &mint),
        nonce: order.nonce,
        definition: order.definition,
        kind: order.kind,
        timeout_seconds: order.timeout_seconds,
        max_price_per_second: order.max_price_per_second,
        is_private: order.is_private,
    }
}

/// Adds 1 to 200 empty cells to a market's queue. The payer's rent stays with the queue. Goes before
/// [`list`] or [`assign`] in the same transaction if the queue
/// [is full](crate::queue::Queue::is_full).
pub fn grow_queue(payer: Address, market: Address, cells: u32) -> jobs::GrowQueue {
    jobs::GrowQueue { payer, market, queue: pda::jobs::queue(&market), cells }
}

/// Cancels a job that waits in `cell` of its queue.
pub fn cancel(job: Address, stored: &Job, cell: u32) -> jobs::Cancel {
    jobs::Cancel {
        client: stored.client,
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        job,
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        cell,
    }
}

/// Lists a job for the node that waits in `node_cell` of the market's queue.
pub fn assign(
    client: Address,
    payer: Address,
    market: Address,
    mint: Address,
    order: JobListing,
    (node, node_cell): (Address, u32),
) -> jobs::Assign {
    jobs::Assign {
        client,
        payer,
        config: pda::jobs::config(),
        market,
        queue: pda::jobs::queue(&market),
        job: pda::jobs::job(&client, order.nonce),
        vault: pda::jobs::vault(&market),
        payer_token: associated_address(&payer, &mint),
        nonce: order.nonce,
        definition: order.definition,
        kind: order.kind,
        timeout_seconds: order.timeout_seconds,
        max_price_per_second: order.max_price_per_second,
        is_private: order.is_private,
        node,
        node_cell,
    }
}

/// Extends a job's timeout; its budget pays first, then the payer's associated token account.
pub fn extend(
    job: Address,
    stored: &Job,
    payer: Address,
    mint: Address,
    added_seconds: u64,
) -> jobs::Extend {
    jobs::Extend {
        client: stored.client,
        payer,
        market: stored.market,
        job,
        vault: pda::jobs::vault(&stored.market),
        payer_token: associated_address(&payer, &mint),
        added_seconds,
    }
}

/// Adds `amount` base units to a job's budget from the authority's associated token account.
pub fn top_up(
    authority: Address,
    job: Address,
    stored: &Job,
    mint: Address,
    amount: u64,
) -> jobs::TopUp {
    jobs::TopUp {
        authority,
        config: pda::jobs::config(),
        market: stored.market,
        job,
        vault: pda::jobs::vault(&stored.market),
        source: associated_address(&authority, &mint),
        amount,
    }
}

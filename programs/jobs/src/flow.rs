//! What several instructions share: how money is assigned and paid, and how jobs go back to their
//! queue.
//!
//! Money moves in two steps. *Assigning* splits the escrow into what node and payer are owed and
//! what the network earned; it depends on nobody's token account. *Paying* then sends what can be
//! sent, and leaves the rest as a credit.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use anchor_spl::token::TokenAccount;
use nosana_program_common::token;
use nosana_protocol::{
    job::{Action, Reason, Return},
    queue::{FifoError, Side},
    settlement,
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    events::{JobRequeued, JobSettled, NodeLeft},
    state::{Job, Market, Node, Queue, QueueCell, with_fifo},
};

/// No cell: the entry did not go to the queue.
pub const NO_CELL: u64 = u64::MAX;

/// How a job ends.
pub struct Ending {
    /// What moves its state.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The work that was seen; nothing if no node started it.
    pub proven: Option<Seconds>,
}

/// Assigns the whole escrow of `job`, which ends now; `node` is the one that worked on it, and
/// learns from it.
pub fn assign(
    job: &mut Account<Job>,
    queue: &mut Queue,
    node: Option<&mut Account<Node>>,
    ending: &Ending,
    now: i64,
) -> Result<()> {
    let Ending { action, reason, proven } = *ending;
    job.invariant()?;
    let terms = job.terms()?;
    let split =
        settlement::settle(&terms, Amount(job.escrow), reason, proven).map_err(errors::overflow)?;
    job.advance(action)?;
    let rest = Amount(job.escrow).minus(split.node).and_then(|rest| rest.minus(split.client));
    job.escrow = rest.and_then(|rest| rest.minus(split.network)).map_err(errors::overflow)?.0;
    job.budget = 0;
    job.node_credit = job.node_credit.checked_add(split.node.0).ok_or(JobsError::Overflow)?;
    job.payer_credit = job.payer_credit.checked_add(split.client.0).ok_or(JobsError::Overflow)?;
    job.reason = reason as u8;
    job.settled_at = now;
    if let Some(node) = node {
        node.learn(job, reason, &split, now)?;
    }
    queue.fees_accrued =
        queue.fees_accrued.checked_add(split.network.0).ok_or(JobsError::Overflow)?;
    queue.open_jobs = queue.open_jobs.checked_sub(1).ok_or(JobsError::InvariantViolated)?;
    require!(job.escrow == 0, JobsError::InvariantViolated);
    emit!(JobSettled {
        job: *job.address(),
        node: job.node,
        result: job.result,
        reason: reason as u64,
        node_amount: split.node.0,
        payer_amount: split.client.0,
        network_amount: split.network.0,
        paid_seconds: proven.map_or(0, |proven| terms.paid_time(reason, proven).0),
        settled_at: now,
    });
    Ok(())
}

/// Pays the node's and the payer's credit as far as their token accounts can receive, and counts
/// what stays owed.
pub fn pay(
    market: &Account<Market>,
    queue: &mut Queue,
    vault: &mut Account<TokenAccount>,
    job: &mut Account<Job>,
    payer_token: &mut UncheckedAccount,
    node_token: Option<&mut UncheckedAccount>,
) -> Result<()> {
    let (id, bump) = (market.id.to_le_bytes(), [market.bump]);
    let seeds = market.signer_seeds(&id, &bump);
    let payable = |account: &UncheckedAccount, credit| {
        credit > 0 && token::can_receive(account.account(), vault.mint())
    };
    let to_payer = payable(payer_token, job.payer_credit);
    let node_token = node_token.filter(|node_token| payable(node_token, job.node_credit));
    let (node_amount, payer_amount) = (job.node_credit, job.payer_credit);
    if to_payer {
        job.payer_credit = 0;
    }
    match node_token {
        Some(node_token) => {
            job.node_credit = 0;
            if to_payer {
                token::transfer_both(
                    vault.cpi_handle_mut(),
                    (node_token.cpi_handle_mut(), node_amount),
                    (payer_token.cpi_handle_mut(), payer_amount),
                    market.cpi_handle(),
                    &[&seeds],
                );
            } else {
                send(market, vault, node_token, node_amount);
            }
        }
        None if to_payer => send(market, vault, payer_token, payer_amount),
        None => {}
    }
    let owed = job.node_credit.checked_add(job.payer_credit).ok_or(JobsError::Overflow)?;
    if owed > 0 {
        queue.credits_owed = queue.credits_owed.checked_add(owed).ok_or(JobsError::Overflow)?;
    }
    Ok(())
}

/// Sends `amount` base units from the market's vault.
pub fn send(
    market: &Account<Market>,
    vault: &mut Account<TokenAccount>,
    to: &mut UncheckedAccount,
    amount: u64,
) {
    let (id, bump) = (market.id.to_le_bytes(), [market.bump]);
    token::transfer(
        vault.cpi_handle_mut(),
        to.cpi_handle_mut(),
        market.cpi_handle(),
        amount,
        &[&market.signer_seeds(&id, &bump)],
    );
}

/// Where a job found its place.
enum Place {
    /// A waiting node met it.
    With(QueueCell),
    /// It waits in this cell.
    Cell(u32),
    /// Nowhere: the queue is full, or the first waiting node asks for more than it pays.
    Nowhere,
}

/// Queues a job again after `failed` gave it back or lost it; returns the collateral that is to be
/// released.
///
/// It meets the first waiting node if there is one, else it waits: first in line after a failure,
/// last after a refusal. The node that failed is not met again: its places at the head of the line
/// are given up with the job. A job that has used up its attempts, has been refused for longer than
/// it may wait, or finds no place, is settled and its whole escrow assigned to the payer: it can
/// always leave.
pub fn requeue(
    job: &mut Account<Job>,
    queue: &mut Queue,
    failed: &mut Account<Node>,
    how: Return,
    now: i64,
) -> Result<u64> {
    if how == Return::Failed {
        job.attempts = job.attempts.saturating_add(1);
        failed.jobs_failed = failed.jobs_failed.saturating_add(1);
        if job.attempts > job.max_attempts {
            let ending =
                Ending { action: Action::Settle, reason: Reason::AttemptsExhausted, proven: None };
            return assign(job, queue, None, &ending, now).map(|()| 0);
        }
        job.queued_at = now;
    } else if job
        .clocks()
        .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(now))
        .map_err(errors::overflow)?
    {
        let ending = Ending { action: Action::Settle, reason: Reason::Expired, proven: None };
        return assign(job, queue, None, &ending, now).map(|()| 0);
    }
    let mut released = 0_u64;
    let entry = QueueCell::new(*job.address(), job.price_per_second);
    let place = with_fifo(queue, |fifo, cells| {
        while let Some(node) = fifo.pop_front(cells, Side::Nodes).map_err(errors::fifo)? {
            if node.address == *failed.address() {
                let collateral = failed.waiting_in(&job.market)?.free();
                released = released.checked_add(collateral).ok_or(JobsError::Overflow)?;
                emit!(NodeLeft { node: node.address, market: job.market });
            } else if node.price() > entry.price() {
                fifo.push_front(cells, Side::Nodes, node).map_err(errors::fifo)?;
                return Ok(Place::Nowhere);
            } else {
                return Ok(Place::With(node));
            }
        }
        let pushed = match how {
            Return::Failed => fifo.push_front(cells, Side::Jobs, entry),
            Return::Refused => fifo.push_back(cells, Side::Jobs, entry),
        };
        match pushed {
            Ok(cell) => Ok(Place::Cell(cell)),
            Err(FifoError::Full) => Ok(Place::Nowhere),
            Err(error) => Err(errors::fifo(error)),
        }
    })?;
    if matches!(place, Place::Nowhere) {
        let ending = Ending { action: Action::Settle, reason: Reason::Unplaceable, proven: None };
        return assign(job, queue, None, &ending, now).map(|()| released);
    }
    job.advance(Action::Requeue)?;
    job.unbind();
    let mut cell = NO_CELL;
    match place {
        Place::With(node) => job.match_with(node.address, now)?,
        Place::Cell(index) => cell = index.into(),
        Place::Nowhere => {}
    }
    job.invariant()?;
    emit!(JobRequeued { job: *job.address(), node: job.node, attempts: job.attempts.into(), cell });
    Ok(released)
}

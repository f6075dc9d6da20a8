//! What several instructions share: how money is assigned and paid, and how a job goes back to its queue.
//!
//! Money moves in two steps. *Assigning* splits the escrow into what node and payer are owed and what the network
//! earned; it depends on nobody's token account. *Paying* then sends what can be sent, and leaves the rest as a credit.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use anchor_spl::token::TokenAccount;
use nosana_onchain::token;
use nosana_protocol::{
    job::{Action, Reason},
    ring::Side,
    settlement,
    units::{Amount, Seconds},
};

use crate::{
    errors::{self, JobsError},
    events::{JobRequeued, JobSettled},
    state::{Job, Market, Queue, QueueCell},
};

/// No cell: the entry did not go to the queue.
pub const NO_CELL: u64 = u64::MAX;

/// Assigns the whole escrow of `job`, which ends by `action` for `reason` after `proven` seconds of work.
pub fn assign(
    job: &mut Account<Job>,
    queue: &mut Queue,
    action: Action,
    reason: Reason,
    proven: Option<Seconds>,
    now: i64,
) -> Result<()> {
    let terms = job.terms()?;
    let split = settlement::settle(&terms, Amount(job.escrow), reason, proven).map_err(errors::overflow)?;
    job.advance(action)?;
    let rest = Amount(job.escrow).minus(split.node).and_then(|rest| rest.minus(split.client));
    job.escrow = rest.and_then(|rest| rest.minus(split.network)).map_err(errors::overflow)?.0;
    job.node_credit = job.node_credit.checked_add(split.node.0).ok_or(JobsError::Overflow)?;
    job.payer_credit = job.payer_credit.checked_add(split.client.0).ok_or(JobsError::Overflow)?;
    job.reason = reason as u8;
    job.settled_at = now;
    queue.fees_accrued = queue.fees_accrued.checked_add(split.network.0).ok_or(JobsError::Overflow)?;
    queue.open_jobs = queue.open_jobs.checked_sub(1).ok_or(JobsError::InvariantViolated)?;
    job.invariant()?;
    emit!(JobSettled {
        job: *job.address(),
        node: job.node,
        reason: reason as u64,
        node_amount: split.node.0,
        payer_amount: split.client.0,
        network_amount: split.network.0,
        paid_seconds: proven.map_or(0, |proven| terms.paid_time(reason, proven).0),
        settled_at: now,
    });
    Ok(())
}

/// Pays the payer's credit if its token account can receive.
pub fn pay_payer(
    market: &Account<Market>,
    vault: &mut Account<TokenAccount>,
    job: &mut Account<Job>,
    payer_token: &mut UncheckedAccount,
) {
    if job.payer_credit > 0 && token::can_receive(payer_token.account(), vault.mint()) {
        send(market, vault, payer_token, job.payer_credit);
        job.payer_credit = 0;
    }
}

/// Pays the node's credit if its token account can receive.
pub fn pay_node(
    market: &Account<Market>,
    vault: &mut Account<TokenAccount>,
    job: &mut Account<Job>,
    node_token: &mut UncheckedAccount,
) {
    if job.node_credit > 0 && token::can_receive(node_token.account(), vault.mint()) {
        send(market, vault, node_token, job.node_credit);
        job.node_credit = 0;
    }
}

/// Sends `amount` base units from the market's vault.
pub fn send(market: &Account<Market>, vault: &mut Account<TokenAccount>, to: &mut UncheckedAccount, amount: u64) {
    let (id, bump) = (market.id.to_le_bytes(), [market.bump]);
    token::transfer(
        vault.cpi_handle_mut(),
        to.cpi_handle_mut(),
        market.cpi_handle(),
        amount,
        &[&market.signer_seeds(&id, &bump)],
    );
}

/// Queues a job again: with a waiting node if there is one, else at the head.
///
/// If it has used up its attempts, the queue has no room, or the first waiting node asks for more than it pays, the job
/// is settled instead and its whole escrow assigned to the payer: it can always leave.
pub fn requeue(job: &mut Account<Job>, queue: &mut Queue, now: i64) -> Result<()> {
    job.attempts = job.attempts.saturating_add(1);
    if job.attempts > job.max_attempts {
        return assign(job, queue, Action::Settle, Reason::AttemptsExhausted, None, now);
    }
    let mut ring = queue.ring()?;
    let capacity = queue.len();
    let mut cell = NO_CELL;
    if ring.side == Side::Nodes {
        let popped = ring.pop_front(queue.as_mut_slice(), Side::Nodes).map_err(errors::ring)?;
        let node = popped.ok_or(JobsError::InvariantViolated)?;
        if node.price() > job.price_per_second {
            // The ring is not stored, but its cells were written: put the node back first.
            ring.push_front(queue.as_mut_slice(), Side::Nodes, node).map_err(errors::ring)?;
            queue.store(&ring, capacity)?;
            return assign(job, queue, Action::Settle, Reason::AttemptsExhausted, None, now);
        }
        job.advance(Action::Requeue)?;
        job.unbind();
        job.advance(Action::Match)?;
        job.node = node.address;
        job.matched_at = now;
    } else {
        let entry = QueueCell::new(*job.address(), job.price_per_second);
        match ring.push_front(queue.as_mut_slice(), Side::Jobs, entry) {
            Ok(index) => cell = index.into(),
            Err(_) => return assign(job, queue, Action::Settle, Reason::AttemptsExhausted, None, now),
        }
        job.advance(Action::Requeue)?;
        job.unbind();
    }
    queue.store(&ring, capacity)?;
    job.invariant()?;
    emit!(JobRequeued { job: *job.address(), node: job.node, attempts: job.attempts.into(), cell });
    Ok(())
}

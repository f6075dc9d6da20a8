//! How a job returns to its queue after a node gave it back or failed to run it.

use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::{
    job::{Action, Reason, Return, ReturnCause},
    queue::{Fifo, Side},
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    events::{JobRequeued, NO_CELL, NodeLeft},
    settlement::{Settlement, allocate_escrow},
    state::{Job, Node, Queue, QueueCell, with_fifo},
};

/// The place that a requeued job found.
enum Placement {
    /// The job is matched with this waiting node.
    Matched(QueueCell),
    /// The job waits in this cell.
    Waiting(u32),
    /// The first waiting node requires more than the job pays.
    Unplaceable,
}

/// Requeues a job that the node `failed` gave back or failed to run.
///
/// # Specification
/// - The job is matched with the first waiting node other than `failed`. If no other node waits,
///   the job waits itself: first in the queue after a failure, last after a refusal.
/// - `failed` keeps its places in the queue if it gave the job back, or if its result was rejected:
///   nobody removes a node from a queue by jobs that it cannot run.
/// - It loses them, and keeps their collateral, in two cases. If no other node waits, it loses all
///   of them: jobs and nodes do not wait at the same time, and the job must not return to `failed`
///   at once. If it was silent or has lost its backing ([`ReturnCause::is_absence`]), it loses the
///   places before the first other node: it would not start the next jobs either.
///
/// A job is settled instead, with its whole escrow allocated to the payer, if its client requested
/// that, if it has used up its attempts, has been refused too often or for longer than its queue
/// clock, or finds no place. So every job can leave its node.
pub fn requeue_job(
    job: &mut Account<Job>,
    queue: &mut Queue,
    failed: &mut Account<Node>,
    how: Return,
    cause: ReturnCause,
    now: i64,
) -> Result<()> {
    job.return_cause = cause as u8;
    if let Some(reason) = count_return(job, failed, how, now)? {
        return allocate_escrow(job, queue, None, &Settlement::without_work(reason), now);
    }

    let entry = QueueCell::new(*job.address(), job.price_per_second);
    let placement = with_fifo(queue, |fifo, cells| {
        if cause.is_absence() {
            leave_front(fifo, cells, &job.market, failed)?;
        }
        find_placement(fifo, cells, job, failed, entry, how)
    })?;

    if matches!(placement, Placement::Unplaceable) {
        let settlement = Settlement::without_work(Reason::Unplaceable);
        return allocate_escrow(job, queue, None, &settlement, now);
    }

    job.apply_action(Action::Requeue)?;
    job.clear_node();
    job.attempt_id = job.attempt_id.checked_add(1).ok_or(JobsError::Overflow)?;
    let mut cell = NO_CELL;
    match placement {
        Placement::Matched(node) => job.match_with(node.address, now)?,
        Placement::Waiting(index) => cell = index.into(),
        Placement::Unplaceable => {}
    }
    job.invariant()?;

    log_event(JobRequeued {
        job: *job.address(),
        node: job.node,
        attempts: job.attempts.into(),
        cause: cause as u64,
        cell,
    });
    Ok(())
}

/// Counts the return against job and node; returns why the job cannot be requeued, if so.
fn count_return(
    job: &mut Account<Job>,
    failed: &mut Account<Node>,
    how: Return,
    now: i64,
) -> Result<Option<Reason>> {
    let waited_since = UnixTimestamp(job.queued_at);
    match how {
        Return::Failed => failed.jobs_failed = failed.jobs_failed.saturating_add(1),
        Return::Rejected => failed.jobs_rejected = failed.jobs_rejected.saturating_add(1),
        Return::Refused => job.refusals = job.refusals.saturating_add(1),
    }
    if matches!(how, Return::Failed | Return::Rejected) {
        job.attempts = job.attempts.saturating_add(1);
        job.queued_at = now;
    }

    if job.cancel_requested != 0 {
        return Ok(Some(Reason::Cancelled));
    }
    if job.attempts > job.max_attempts {
        return Ok(Some(Reason::AttemptsExhausted));
    }
    if job.refusals > job.max_attempts {
        return Ok(Some(Reason::Unplaceable));
    }
    let expired = job
        .clocks()
        .queue_expired(waited_since, UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    Ok((how == Return::Refused && expired).then_some(Reason::Expired))
}

/// Finds a place for `entry`. Removes `failed` from the queue if no other node waits.
fn find_placement(
    fifo: &mut Fifo,
    cells: &mut [QueueCell],
    job: &Job,
    failed: &mut Account<Node>,
    entry: QueueCell,
    how: Return,
) -> Result<Placement> {
    let own = *failed.address();
    let other = fifo
        .find_first(cells, Side::Nodes, |node| node.address != own)
        .map_err(errors::fifo_error)?;
    if let Some((index, node)) = other {
        if node.price() > entry.price() {
            return Ok(Placement::Unplaceable);
        }
        fifo.remove_at(cells, Side::Nodes, index, |_| true).map_err(errors::fifo_error)?;
        return Ok(Placement::Matched(node));
    }

    leave_front(fifo, cells, &job.market, failed)?;
    let pushed = match how {
        Return::Failed | Return::Rejected => fifo.push_front(cells, Side::Jobs, entry),
        Return::Refused => fifo.push_back(cells, Side::Jobs, entry),
    };
    // There is a cell: `list` accepts no more open jobs than the queue has cells.
    Ok(Placement::Waiting(pushed.map_err(errors::fifo_error)?))
}

/// Removes the entries of `failed` that are before all others: at most sixteen, since a node has
/// sixteen slots.
fn leave_front(
    fifo: &mut Fifo,
    cells: &mut [QueueCell],
    market: &Address,
    failed: &mut Account<Node>,
) -> Result<()> {
    let own = *failed.address();
    loop {
        let first = fifo.find_first(cells, Side::Nodes, |_| true).map_err(errors::fifo_error)?;
        match first {
            Some((_, node)) if node.address == own => {}
            _ => return Ok(()),
        }

        fifo.pop_front(cells, Side::Nodes).map_err(errors::fifo_error)?;
        let collateral = failed.newest_waiting_slot(market)?.set_free();
        failed.keep_collateral(collateral)?;
        log_event(NodeLeft { node: own, market: *market });
    }
}

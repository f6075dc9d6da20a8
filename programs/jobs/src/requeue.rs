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
/// The job is matched with the first waiting node. If none waits, the job waits itself: first in
/// the queue after a failure, last after a refusal. It is not matched with `failed`: where that
/// node waits at the head of the queue, it is removed, and keeps its collateral.
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
    let placement =
        with_fifo(queue, |fifo, cells| find_placement(fifo, cells, job, failed, entry, how))?;

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

/// Finds a place for `entry`. Removes `failed` from the head of the queue.
fn find_placement(
    fifo: &mut Fifo,
    cells: &mut [QueueCell],
    job: &Job,
    failed: &mut Account<Node>,
    entry: QueueCell,
    how: Return,
) -> Result<Placement> {
    while let Some(node) = fifo.pop_front(cells, Side::Nodes).map_err(errors::fifo_error)? {
        if node.address == *failed.address() {
            let collateral = failed.queued_slot(&job.market)?.set_free();
            failed.keep_collateral(collateral)?;
            log_event(NodeLeft { node: node.address, market: job.market });
        } else if node.price() > entry.price() {
            fifo.push_front(cells, Side::Nodes, node).map_err(errors::fifo_error)?;
            return Ok(Placement::Unplaceable);
        } else {
            return Ok(Placement::Matched(node));
        }
    }

    let pushed = match how {
        Return::Failed | Return::Rejected => fifo.push_front(cells, Side::Jobs, entry),
        Return::Refused => fifo.push_back(cells, Side::Jobs, entry),
    };
    // There is a cell: `list` accepts no more open jobs than the queue has cells.
    Ok(Placement::Waiting(pushed.map_err(errors::fifo_error)?))
}

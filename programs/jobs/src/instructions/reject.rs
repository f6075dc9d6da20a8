use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, token, unix_now};
use nosana_protocol::{
    job::{Action, Reason, Return, ReturnCause, State},
    units::{Amount, UnixTimestamp},
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    events::{RejectionRequested, ResultRejected},
    requeue::requeue_job,
    settlement::Settlement,
};

/// # Specification
/// - Only the client; only a submitted or disputed result whose challenge window is not over;
///   `attempt_id` is the job's current attempt.
/// - What the node would have earned, and the network's fee on it, become fees of the market: the
///   client saves nothing by rejecting, and the node earns nothing with garbage. The node keeps
///   its collateral.
/// - The job is settled as `ResultRejected`, and the rest returns to the payer. If `requeue` is set
///   and an attempt is left, the job is requeued instead, with its whole deposit: the budget pays
///   for the rejection first, then the job's refund account, which must belong to the client.
/// - A disputed result stays disputed. If the dispute does not decide, the job is settled as
///   `ResultRejected`; it is not requeued, whatever `requeue` says. So nobody takes the right to
///   reject from a client by a challenge of his own.
pub fn process_reject(ctx: &mut Context<EndRun>, attempt_id: u64, requeue: bool) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let job = &mut accounts.job;
    require!(*accounts.authority.address() == job.client, JobsError::NotClient);
    let state = job.current_state()?;
    require!(matches!(state, State::Submitted | State::Challenged), JobsError::WrongState);
    require!(job.node == *accounts.node.address(), JobsError::NotThisNode);
    job.check_attempt(attempt_id)?;
    let is_over = job
        .clocks()
        .is_settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(!is_over, JobsError::DeadlinePassed);

    if state == State::Challenged {
        job.apply_action(Action::RequestRejection)?;
        job.rejection_requested = 1;
        log_event(RejectionRequested { job: *job.address(), node: job.node, result: job.result });
        return Ok(());
    }

    let proven = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
    let cost = job.money_terms()?.rejection_cost(proven).map_err(errors::overflow_error)?;
    let collateral = core::mem::take(&mut job.collateral);
    let event =
        ResultRejected { job: *job.address(), node: job.node, result: job.result, amount: cost.0 };

    if requeue && job.attempts < job.max_attempts {
        accounts.requeue_rejected(cost, collateral, now)?;
    } else {
        let settlement = Settlement::with_work(Reason::ResultRejected, proven);
        accounts.settle_run(&settlement, collateral, now)?;
    }

    log_event(event);
    Ok(())
}

impl EndRun {
    /// Requeues the job whose result was rejected, and collects `cost` for the network.
    fn requeue_rejected(&mut self, cost: Amount, collateral: u64, now: i64) -> Result<()> {
        let job = &mut self.job;
        let queue = &mut self.queue;
        let from_budget = cost.min(Amount(job.budget));
        let from_client = cost.checked_sub(from_budget).map_err(errors::overflow_error)?;
        require!(
            from_client == Amount::ZERO
                || token::belongs_to(self.payer_token.account(), &job.client),
            JobsError::SourceNotOwned
        );
        job.budget = Amount(job.budget).checked_sub(from_budget).map_err(errors::overflow_error)?.0;
        job.escrow = Amount(job.escrow).checked_sub(from_budget).map_err(errors::overflow_error)?.0;
        queue.fees_accrued = queue.fees_accrued.checked_add(cost.0).ok_or(JobsError::Overflow)?;

        let cause = ReturnCause::ResultRejected;
        let node = &mut self.node;
        node.keep_collateral(collateral)?;
        requeue_job(job, queue, node, Return::Rejected, cause, now)?;

        token::transfer(
            self.payer_token.cpi_handle_mut(),
            self.vault.cpi_handle_mut(),
            self.authority.cpi_handle(),
            from_client.0,
            &[],
        );
        self.pay_parties()
    }
}

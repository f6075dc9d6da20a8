use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{stake, unix_now};
use nosana_protocol::{
    ending::{self, Caller, RunOutcome},
    job::{Reason, Return, ReturnCause, State},
    slot::SlotState,
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    requeue::requeue_job,
    settlement::{Settlement, allocate_escrow, pay_credits},
    state::{Job, Market, Node, Queue},
};

/// # Specification
/// - Anyone, once a clock of a running job has run out; [`ending::outcome_at`] decides how the run
///   ends.
/// - Anyone also while no clock has run out, if the owner's own stake no longer has the xNOS that
///   it must keep ([`ending::min_own_xnos`]); [`ending::outcome_without_backing`] decides how the
///   run ends.
/// - A batch job whose node missed a heartbeat is requeued, and the node is not paid. If the job's
///   client or payer calls, the job is settled, and the node is paid up to its last heartbeat.
/// - The slot rests as after a `quit` of a run, unless a service has ended as agreed. The node keeps
///   the collateral: a missing heartbeat does not prove a fault. If the job is requeued, the node
///   loses its places before the first other node that waits.
#[derive(Accounts)]
pub struct ExpireRun {
    /// Anyone.
    pub authority: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the job's refund account; checked by `token::can_receive` before the transfer. It may
    /// be the node's account too, if a client runs a job on its own node.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the node's token account in the job, which has one once it is started.
    #[account(
        unsafe(dup),
        constraint = *node_token.address() == job.node_token
            || job.node_token == Address::default() @ JobsError::WrongAccount
    )]
    pub node_token: UncheckedAccount,
    /// CHECK: the stake that the node names; `read_stake` checks it where it decides.
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_expire_run(ctx: &mut Context<ExpireRun>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.job.current_state()? == State::Running, JobsError::WrongState);
    require!(accounts.job.node == *accounts.node.address(), JobsError::NotThisNode);

    let run = accounts.job.run_times()?;
    let clocks = accounts.job.clocks();
    let by_clock = ending::outcome_at(&run, &clocks, UnixTimestamp(now), accounts.caller())
        .map_err(errors::overflow_error)?;
    let (end, cause) = match by_clock {
        Some(end) => (end, ReturnCause::HeartbeatLost),
        None => {
            require!(!accounts.is_backed()?, JobsError::TooEarly);
            let end = ending::outcome_without_backing(&run, &clocks, UnixTimestamp(now))
                .map_err(errors::overflow_error)?;
            (end, ReturnCause::BackingLost)
        }
    };

    let node = &mut accounts.node;
    let slot = node.holding_slot(accounts.job.address(), SlotState::Running)?;
    let collateral = match end {
        RunOutcome::Settle(Reason::Completed, _) => slot.set_free(),
        _ => slot.set_resting_stopped(&clocks, now)?,
    };
    node.keep_collateral(collateral)?;

    let job = &mut accounts.job;
    let queue = &mut accounts.queue;
    match end {
        RunOutcome::Settle(reason, proven) => {
            allocate_escrow(job, queue, Some(node), &Settlement::with_work(reason, proven), now)?;
        }
        RunOutcome::Requeue => requeue_job(job, queue, node, Return::Failed, cause, now)?,
    }

    pay_credits(
        &accounts.market,
        queue,
        &mut accounts.vault,
        job,
        &mut accounts.payer_token,
        Some(&mut accounts.node_token),
    )
}

impl ExpireRun {
    /// Returns true if the owner's own stake still has the xNOS that the run needs. Amounts in
    /// their cooldown do not count.
    fn is_backed(&self) -> Result<bool> {
        let own = stake::read_stake(self.stake.account(), |stake| stake.xnos)
            .map_err(errors::unreadable_stake_error)?;
        Ok(own.unwrap_or(0) >= self.job.min_own_xnos)
    }

    /// Returns whose call this is.
    fn caller(&self) -> Caller {
        let caller = self.authority.address();
        if *caller == self.job.client || *caller == self.job.payer {
            Caller::Client
        } else {
            Caller::Stranger
        }
    }
}

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, token, unix_now};
use nosana_protocol::{
    dispute::{
        judgment::Judgment,
        payment::{Payments, Stakes, is_slashable},
    },
    job::Action,
    settlement::split_escrow,
    units::{Amount, UnixTimestamp},
};

use crate::{
    cpi_calls::{self, SlashAccounts},
    errors::{self, JobsError},
    events::DisputeResolved,
    settlement::{Settlement, pay_credits, send_from_vault, settle_escrow},
    state::{Dispute, Job, Market, Node, Queue},
};

/// The reason byte of a slash because a node lost a dispute.
pub const LOST_DISPUTE: u8 = 2;

/// # Specification
/// - Anyone, once every panelist has revealed, or a clock has run out after which nothing can be
///   said.
/// - The votes decide ([`nosana_protocol::dispute::judgment`]), and with them who gets what
///   ([`nosana_protocol::dispute::payment`]). The job is settled: as `ResultWrong`; as
///   `ResultRejected`, if the votes do not decide and the client has rejected the result; else as
///   completed.
/// - If the node loses, its collateral is slashed: what challenger, client and panelists get beyond
///   escrow and bond goes to the market's vault, and is checked to have arrived; the rest is burnt.
///   Otherwise the node keeps it. 60 days after the challenge nothing is slashed, and
///   nothing of it paid: a dispute does not stay because staking refuses to slash.
/// - Node, payer and challenger are paid, or keep a credit if they cannot receive. Panelists are
///   paid by `close_seat`.
#[derive(Accounts)]
pub struct Resolve {
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(mut, address = dispute.job @ JobsError::WrongAccount)]
    pub job: Account<Job>,
    #[account(mut, address = dispute.node @ JobsError::NotThisNode)]
    pub node: Account<Node>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the job's refund account; checked by `token::can_receive` before the transfer.
    #[account(unsafe(dup), address = job.payer_token @ JobsError::WrongAccount)]
    pub payer_token: UncheckedAccount,
    /// CHECK: the node's token account in the job; checked by `token::can_receive`.
    #[account(unsafe(dup), address = job.node_token @ JobsError::WrongAccount)]
    pub node_token: UncheckedAccount,
    /// CHECK: the challenger's token account; checked by `token::can_receive`. It may be one of the
    /// two above.
    #[account(unsafe(dup), address = dispute.challenger_token @ JobsError::WrongAccount)]
    pub challenger_token: UncheckedAccount,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program's configuration.
    #[account(address = ids::STAKING_CONFIG)]
    pub staking_config: UncheckedAccount,
    /// CHECK: the staking program checks it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the staking program compares it with its configuration.
    #[account(mut)]
    pub nos_mint: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub position: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_resolve(ctx: &mut Context<Resolve>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let progress = accounts.dispute.progress_at(now)?.resolve().map_err(errors::phase_error)?;
    let judgment = accounts.dispute.judge()?;
    let settlement = accounts.choose_settlement(&judgment);
    let payments = accounts.compute_payments(&judgment, &settlement, now)?;

    accounts.dispute.store_progress(&progress);
    accounts.store_outcome(&judgment, &payments, now)?;
    let collateral = accounts.settle_job(&settlement, &payments, now)?;

    accounts.take_collateral(collateral, &payments)?;
    accounts.pay_parties(&payments)?;

    let Resolve { dispute, .. } = accounts;
    log_event(DisputeResolved {
        dispute: *dispute.address(),
        job: dispute.job,
        node: dispute.node,
        challenger: dispute.challenger,
        outcome: judgment.outcome as u64,
        node_amount: payments.node.0,
        payer_amount: payments.client.0,
        network_amount: payments.network.0,
        challenger_amount: payments.challenger.0,
        slashed: payments.slash.0,
        bounty: payments.bounty.0,
    });
    Ok(())
}

impl Resolve {
    /// Returns how the job ends.
    fn choose_settlement(&self, judgment: &Judgment) -> Settlement {
        let Self { job, .. } = self;
        let work = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
        let reason = judgment.outcome.settle_reason(job.rejection_requested != 0);
        let proven = (!judgment.outcome.is_nodes_loss()).then_some(work);
        Settlement { action: Action::Resolve, reason, proven }
    }

    /// Returns who gets what.
    fn compute_payments(
        &self,
        judgment: &Judgment,
        settlement: &Settlement,
        now: i64,
    ) -> Result<Payments> {
        let Self { job, dispute, .. } = self;
        let escrow = Amount(job.escrow);
        let Settlement { reason, proven, .. } = *settlement;
        let undisputed = split_escrow(&job.money_terms()?, escrow, reason, proven)
            .map_err(errors::overflow_error)?;
        let slashes = is_slashable(UnixTimestamp(dispute.challenged_at), UnixTimestamp(now))
            .map_err(errors::overflow_error)?;

        let stakes = Stakes {
            escrow,
            undisputed,
            panel_fee: Amount(dispute.panel_fee),
            collateral: Amount(job.collateral),
            seat_collateral: Amount(dispute.collateral),
            slashes,
        };
        stakes.pay_judgment(judgment).map_err(errors::overflow_error)
    }

    /// Stores the outcome in the dispute, and what it owes in the queue.
    fn store_outcome(&mut self, judgment: &Judgment, payments: &Payments, now: i64) -> Result<()> {
        let Self { dispute, queue, .. } = self;
        dispute.outcome = judgment.outcome as u8;
        dispute.resolved_at = now;
        dispute.challenger_credit = payments.challenger.0;

        let mut owed = payments.challenger;
        let decided = judgment.standings.iter().zip(payments.panel).zip(payments.losses);
        for (seat, ((standing, fee), loss)) in dispute.seats.iter_mut().zip(decided) {
            seat.standing = *standing as u8;
            seat.fee = fee.0;
            seat.loss = loss.0;
            owed = owed.checked_add(fee).map_err(errors::overflow_error)?;
        }

        queue.credits_owed = queue.credits_owed.checked_add(owed.0).ok_or(JobsError::Overflow)?;
        queue.open_disputes = queue.open_disputes.checked_add(1).ok_or(JobsError::Overflow)?;
        Ok(())
    }

    /// Settles the job; returns the collateral that it held.
    fn settle_job(
        &mut self,
        settlement: &Settlement,
        payments: &Payments,
        now: i64,
    ) -> Result<u64> {
        let Self { job, queue, node, .. } = self;
        let mut allocation = settle_escrow(job, queue, Some(node), settlement, now)?;

        // Beyond the escrow: damages from the bond, or a part of the slash.
        let damages = payments.node.checked_sub(allocation.node).map_err(errors::overflow_error)?;
        require!(
            allocation.client <= payments.client && allocation.network == payments.network,
            JobsError::InvariantViolated
        );
        node.earned = node.earned.saturating_add(damages.0);
        job.node_credit = payments.node.0;
        job.payer_credit = payments.client.0;

        allocation.node = payments.node;
        allocation.client = payments.client;
        allocation.emit_settled(job);
        Ok(core::mem::take(&mut job.collateral))
    }

    /// Slashes the collateral, or leaves it to the node. Fails unless the bounty has arrived.
    fn take_collateral(&mut self, collateral: u64, payments: &Payments) -> Result<()> {
        let before = self.vault.amount();
        let rest = collateral.checked_sub(payments.slash.0).ok_or(JobsError::InvariantViolated)?;
        self.node.keep_collateral(rest)?;

        cpi_calls::slash_stake(
            self.jobs_authority.cpi_handle(),
            self.staking_config.cpi_handle(),
            self.stake.cpi_handle_mut(),
            SlashAccounts {
                stake_vault: self.stake_vault.cpi_handle_mut(),
                pool: self.pool.cpi_handle_mut(),
                nos_mint: self.nos_mint.cpi_handle_mut(),
                position: self.position.cpi_handle_mut(),
                delegated_position: self.delegated_position.cpi_handle_mut(),
                reporter_token: self.vault.cpi_handle_mut(),
                rewards_program: self.rewards_program.cpi_handle(),
                token_program: self.token_program.cpi_handle(),
            },
            payments.slash.0,
            LOST_DISPUTE,
            Some(payments.bounty.0),
        );

        let arrived = self.vault.amount().checked_sub(before);
        require!(arrived == Some(payments.bounty.0), JobsError::InvariantViolated);
        Ok(())
    }

    /// Pays node, payer and challenger, as far as their accounts can receive.
    fn pay_parties(&mut self, payments: &Payments) -> Result<()> {
        pay_credits(
            &self.market,
            &mut self.queue,
            &mut self.vault,
            &mut self.job,
            &mut self.payer_token,
            Some(&mut self.node_token),
        )?;

        let amount = payments.challenger.0;
        if amount > 0 && token::can_receive(self.challenger_token.account(), self.vault.mint()) {
            let queue = &mut self.queue;
            queue.credits_owed =
                queue.credits_owed.checked_sub(amount).ok_or(JobsError::InvariantViolated)?;
            self.dispute.challenger_credit = 0;
            send_from_vault(&self.market, &mut self.vault, &mut self.challenger_token, amount);
        }
        Ok(())
    }
}

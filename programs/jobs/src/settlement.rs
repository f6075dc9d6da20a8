//! Settlement of a job, in two steps.
//!
//! *Allocating* splits the escrow into what node and payer are owed and what the network earned;
//! it does not depend on any token account. *Paying* then transfers what can be transferred, and
//! leaves the rest as a credit.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, token};
use nosana_protocol::{
    job::{Action, Reason},
    settlement,
    units::{Amount, Seconds},
};

use crate::{
    errors::{self, JobsError},
    events::JobSettled,
    state::{Job, Market, Node, Queue},
};

/// How a job ends.
pub struct Settlement {
    /// The action that changes the job's state.
    pub action: Action,
    /// Why the job ends.
    pub reason: Reason,
    /// The proven work; `None` if no node's work counts.
    pub proven: Option<Seconds>,
}

impl Settlement {
    /// Settles for `reason` after `proven` seconds of work.
    pub const fn with_work(reason: Reason, proven: Seconds) -> Self {
        Self { action: Action::Settle, reason, proven: Some(proven) }
    }

    /// Settles for `reason` without pay.
    pub const fn without_work(reason: Reason) -> Self {
        Self { action: Action::Settle, reason, proven: None }
    }
}

/// What a settlement allocates.
pub struct Allocation {
    /// To the node.
    pub node: Amount,
    /// To the payer.
    pub client: Amount,
    /// To the network.
    pub network: Amount,
    /// The seconds for which the node is paid.
    pub paid: Seconds,
}

impl Allocation {
    /// Emits [`JobSettled`] for the settled `job`.
    pub fn emit_settled(&self, job: &Account<Job>) {
        log_event(JobSettled {
            job: *job.address(),
            node: job.node,
            result: job.result,
            reason: job.reason.into(),
            node_amount: self.node.0,
            payer_amount: self.client.0,
            network_amount: self.network.0,
            paid_seconds: self.paid.0,
            settled_at: job.settled_at,
        });
    }
}

/// Allocates the whole escrow of `job` to node, payer and network, and settles the job. Updates
/// `node`'s earnings and reputation.
pub fn allocate_escrow(
    job: &mut Account<Job>,
    queue: &mut Queue,
    node: Option<&mut Account<Node>>,
    settlement: &Settlement,
    now: i64,
) -> Result<()> {
    settle_escrow(job, queue, node, settlement, now)?.emit_settled(job);
    Ok(())
}

/// Does the same without the event: a dispute adds to what is allocated.
pub fn settle_escrow(
    job: &mut Account<Job>,
    queue: &mut Queue,
    node: Option<&mut Account<Node>>,
    settlement: &Settlement,
    now: i64,
) -> Result<Allocation> {
    let Settlement { action, reason, proven } = *settlement;
    job.invariant()?;

    let terms = job.money_terms()?;
    let split = settlement::split_escrow(&terms, Amount(job.escrow), reason, proven)
        .map_err(errors::overflow_error)?;

    job.apply_action(action)?;
    let rest =
        Amount(job.escrow).checked_sub(split.node).and_then(|rest| rest.checked_sub(split.client));
    job.escrow =
        rest.and_then(|rest| rest.checked_sub(split.network)).map_err(errors::overflow_error)?.0;
    job.budget = 0;
    job.node_credit = job.node_credit.checked_add(split.node.0).ok_or(JobsError::Overflow)?;
    job.payer_credit = job.payer_credit.checked_add(split.client.0).ok_or(JobsError::Overflow)?;
    job.reason = reason as u8;
    job.settled_at = now;

    if let Some(node) = node {
        node.record_settlement(job, reason, &split, now)?;
    }

    queue.fees_accrued =
        queue.fees_accrued.checked_add(split.network.0).ok_or(JobsError::Overflow)?;
    queue.open_jobs = queue.open_jobs.checked_sub(1).ok_or(JobsError::InvariantViolated)?;
    require!(job.escrow == 0, JobsError::InvariantViolated);

    Ok(Allocation {
        node: split.node,
        client: split.client,
        network: split.network,
        paid: proven.map_or(Seconds(0), |proven| terms.paid_time(reason, proven)),
    })
}

/// Pays the credits of node and payer whose token accounts can receive them, and adds the rest to
/// the credits that the queue counts.
pub fn pay_credits(
    market: &Account<Market>,
    queue: &mut Queue,
    vault: &mut Account<TokenAccount>,
    job: &mut Account<Job>,
    payer_token: &mut UncheckedAccount,
    node_token: Option<&mut UncheckedAccount>,
) -> Result<()> {
    let id = market.id.to_le_bytes();
    let bump = [market.bump];
    let seeds = market.signer_seeds(&id, &bump);

    let is_payable = |account: &UncheckedAccount, credit| {
        credit > 0 && token::can_receive(account.account(), vault.mint())
    };
    let pays_payer = is_payable(payer_token, job.payer_credit);
    let node_token = node_token.filter(|node_token| is_payable(node_token, job.node_credit));

    let node_amount = job.node_credit;
    let payer_amount = job.payer_credit;
    if pays_payer {
        job.payer_credit = 0;
    }

    match node_token {
        Some(node_token) => {
            job.node_credit = 0;
            if pays_payer {
                token::transfer_both(
                    vault.cpi_handle_mut(),
                    (node_token.cpi_handle_mut(), node_amount),
                    (payer_token.cpi_handle_mut(), payer_amount),
                    market.cpi_handle(),
                    &[&seeds],
                );
            } else {
                send_from_vault(market, vault, node_token, node_amount);
            }
        }
        None if pays_payer => send_from_vault(market, vault, payer_token, payer_amount),
        None => {}
    }

    let owed = job.node_credit.checked_add(job.payer_credit).ok_or(JobsError::Overflow)?;
    if owed > 0 {
        queue.credits_owed = queue.credits_owed.checked_add(owed).ok_or(JobsError::Overflow)?;
    }
    Ok(())
}

/// Transfers `amount` base units from the market's vault.
pub fn send_from_vault(
    market: &Account<Market>,
    vault: &mut Account<TokenAccount>,
    destination: &mut UncheckedAccount,
    amount: u64,
) {
    let id = market.id.to_le_bytes();
    let bump = [market.bump];

    token::transfer(
        vault.cpi_handle_mut(),
        destination.cpi_handle_mut(),
        market.cpi_handle(),
        amount,
        &[&market.signer_seeds(&id, &bump)],
    );
}

use anchor_lang::prelude::*;
use nosana_protocol::{
    clocks::Clocks,
    ending::RunTimes,
    job::{Action, Kind, State},
    job_clocks, job_run_times, job_terms,
    settlement::Terms,
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    errors::{self, JobsError},
    state::{Gates, Slot},
};

/// A job, with the terms that its client agreed to. Seeds: `["job", client, nonce]`.
#[account]
pub struct Job {
    /// Controls the job.
    pub client: Address,
    /// Paid the deposit and the rent; receives the rent when the job is closed.
    pub payer: Address,
    /// The token account that receives refunds.
    pub payer_token: Address,
    /// The market in which the job was listed.
    pub market: Address,
    /// The node that the job is matched with or runs on; zero if there is none.
    pub node: Address,
    /// The token account that is paid for the work; zero before the start, and again after a
    /// requeue.
    pub node_token: Address,
    /// Digest of the definition: the sha2-256 in its CIDv0.
    pub definition: [u8; 32],
    /// Digest of the result: the sha2-256 in its CIDv0; zero if there is none. A service names its
    /// result in `checkpoint`.
    pub result: [u8; 32],
    /// A digest, zero if there is none: what the node named last in a heartbeat of this run; in
    /// place of it, the commitment to the trace once a verified job has a result; or what a node
    /// said when it quit. The last is the case if `return_cause` is one of those that a node names,
    /// from 1 to 8, and the job waits, was settled without a start, or was settled as Cancelled,
    /// AttemptsExhausted, Expired or Unplaceable.
    pub checkpoint: [u8; 32],
    /// The market's access collection when the job was listed; zero if there is none.
    pub access_collection: Address,
    /// Distinguishes the jobs of one client.
    pub nonce: u64,
    /// Price, in base units per second.
    pub price_per_second: u64,
    /// Longest paid time, in seconds.
    pub timeout_seconds: u64,
    /// Base units that are not allocated yet, including the budget.
    pub escrow: u64,
    /// Base units that anyone added, with which the client can extend the job. What is left is
    /// refunded to the payer.
    pub budget: u64,
    /// Base units allocated to the node that could not be paid yet.
    pub node_credit: u64,
    /// Base units allocated to the payer that could not be paid yet.
    pub payer_credit: u64,
    /// Base units of the node's stake that are locked for a submitted or challenged result.
    pub collateral: u64,
    /// The timeout when the node started the job, in seconds; zero before.
    pub promised_seconds: u64,
    /// The market's minimum xNOS when the job was listed.
    pub min_xnos: u64,
    /// Unix timestamp of the listing.
    pub listed_at: i64,
    /// Unix timestamp from which the queue clock runs: the listing, or the last requeue after a
    /// failure.
    pub queued_at: i64,
    /// Unix timestamp of the match with a waiting node; zero if there is none.
    pub matched_at: i64,
    /// Unix timestamp of the start; zero before, and again after a requeue.
    pub started_at: i64,
    /// Unix timestamp of the last heartbeat; zero before the start.
    pub heartbeat_at: i64,
    /// Unix timestamp of the result; zero before.
    pub submitted_at: i64,
    /// Unix timestamp of the settlement; zero before.
    pub settled_at: i64,
    /// Longest wait in the queue, in seconds. This and the following clocks are the market's when
    /// the job was listed.
    pub queue_seconds: u32,
    /// Longest time from a match to the start, in seconds.
    pub start_seconds: u32,
    /// Longest time between two heartbeats, in seconds.
    pub heartbeat_seconds: u32,
    /// Longest time from the end of the timeout to the result, in seconds.
    pub finish_grace_seconds: u32,
    /// Time from the result to its settlement, in seconds.
    pub challenge_seconds: u32,
    /// Time from the settlement until the job can be closed, in seconds.
    pub retention_seconds: u32,
    /// The network's fee when the job was listed, in basis points.
    pub network_fee_bps: u16,
    /// Progress that the node reports in its heartbeats, in basis points; 10,000 once there is a
    /// result; zero before the start, and after a `quit`, also if that settled the job.
    pub progress_bps: u16,
    /// State of the job: 0 queued, 1 matched, 2 running, 3 submitted, 4 challenged, 5 settled.
    pub state: u8,
    /// Why the job was settled, as a number of `nosana_protocol::job::Reason`; zero before.
    pub reason: u8,
    /// Kind of the job: 0 batch, 1 service, 2 verified batch.
    pub kind: u8,
    /// How many times the job was requeued after a node failed.
    pub attempts: u8,
    /// How many times the job may be requeued after a node failed.
    pub max_attempts: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// How many times a node gave the job back before the start. The job is settled once this
    /// exceeds `max_attempts`.
    pub refusals: u8,
    /// Nonzero once the client has asked that the matched job is settled instead of requeued.
    pub cancel_requested: u8,
    /// Why the job last returned to its queue, or was settled instead, as a number of
    /// `nosana_protocol::job::ReturnCause`; zero if it never did.
    pub return_cause: u8,
    /// Nonzero if definition, inputs, result and logs are only for the client, the payer and the
    /// node that runs the job.
    pub is_private: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// The xNOS that the owner's own stake must keep while the job runs; set at the start.
    pub min_own_xnos: u64,
    /// Number of the current attempt, unique in the market: it changes with each requeue, and no
    /// other job at this address has it.
    pub attempt_id: u64,
    /// Time of a service that late heartbeats left unproven, in seconds; not paid.
    pub silent_seconds: u64,
    /// Shortest time from the start until the slot is free again after a result, in seconds.
    pub min_run_seconds: u32,
    /// Revision of the market's terms when the job was listed.
    pub terms_revision: u32,
    /// Fee of a panelist if the result is disputed, in base units; zero unless the job is verified.
    pub panel_fee: u64,
    /// Smallest collateral with which a node may start the job, in base units; zero unless the job
    /// is verified.
    pub min_collateral: u64,
    /// Length of each phase of a dispute, in seconds; zero unless the job is verified.
    pub dispute_seconds: u32,
    /// The market's minimum GPU memory when the job was listed, in MiB. This and the following two
    /// gates hold for the panel of a dispute.
    pub min_vram_mib: u32,
    /// The market's minimum benchmark when the job was listed.
    pub min_prompt_tokens_per_second: u32,
    /// The market's minimum reputation when the job was listed, in basis points.
    pub min_reputation_bps: u16,
    /// Nonzero once the client has rejected the disputed result, in case the dispute does not
    /// decide.
    pub rejection_requested: u8,
    /// For later fields.
    pub reserved: [u8; 1],
}

const _: () = assert!(core::mem::size_of::<Job>() == 560);

impl Job {
    /// Returns the state of the job.
    pub fn current_state(&self) -> Result<State> {
        Ok(State::from_byte(self.state).ok_or(JobsError::InvariantViolated)?)
    }

    /// Changes the state by `action`. Fails if the state does not allow it.
    pub fn apply_action(&mut self, action: Action) -> Result<()> {
        let next = self.current_state()?.next_state(action).map_err(errors::wrong_state_error)?;
        self.state = next as u8;
        Ok(())
    }

    /// Returns the terms that decide the escrow and its split.
    pub fn money_terms(&self) -> Result<Terms> {
        let kind = Kind::from_byte(self.kind).ok_or(JobsError::InvariantViolated)?;
        Ok(job_terms!(self, kind))
    }

    /// Returns what a node must have to judge the job's result.
    pub const fn node_gates(&self) -> Gates {
        Gates {
            min_xnos: self.min_xnos,
            min_vram_mib: self.min_vram_mib,
            min_prompt_tokens_per_second: self.min_prompt_tokens_per_second,
            min_reputation_bps: self.min_reputation_bps,
        }
    }

    /// Returns the clocks that the job was listed with.
    pub fn clocks(&self) -> Clocks {
        job_clocks!(self)
    }

    /// Returns the last timestamp at which a result is accepted; for a service, its end.
    pub fn deadline(&self) -> Result<i64> {
        let started = UnixTimestamp(self.started_at);
        let timeout = Seconds(self.timeout_seconds);

        let deadline = match self.money_terms()?.kind {
            Kind::Batch | Kind::VerifiedBatch => self.clocks().result_deadline(started, timeout),
            Kind::Service => started.checked_add(timeout),
        };
        Ok(deadline.map_err(errors::overflow_error)?.0)
    }

    /// Returns the times of the run that decide how it ends.
    pub fn run_times(&self) -> Result<RunTimes> {
        let kind = self.money_terms()?.kind;
        Ok(job_run_times!(self, kind))
    }

    /// Returns since when `slot` has held this job, which is not started: since the match if the
    /// job was matched with the waiting node, else since the node took it.
    pub const fn held_since(&self, slot: &Slot) -> i64 {
        if self.state == State::Matched as u8 { self.matched_at } else { slot.since }
    }

    /// Fails unless the job is in the attempt that the caller has read: a client can close a
    /// settled job and list another one at its address, and a job can be requeued meanwhile.
    pub fn check_attempt(&self, attempt_id: u64) -> Result<()> {
        require!(self.attempt_id == attempt_id, JobsError::AnotherAttempt);
        Ok(())
    }

    /// Removes the node and its run from the job, before the job is requeued.
    pub fn clear_node(&mut self) {
        self.node = Address::default();
        self.node_token = Address::default();
        self.checkpoint = [0; 32];
        self.progress_bps = 0;
        self.promised_seconds = 0;
        self.matched_at = 0;
        self.started_at = 0;
        self.heartbeat_at = 0;
        self.silent_seconds = 0;
        self.result = [0; 32];
        self.submitted_at = 0;
    }

    /// Matches the job with the waiting node `node`.
    pub fn match_with(&mut self, node: Address, now: i64) -> Result<()> {
        self.apply_action(Action::Match)?;
        self.node = node;
        self.matched_at = now;
        Ok(())
    }

    /// Fails unless the escrow is exactly the deposit and the budget, or zero once the job is
    /// settled, and no credit exists before that. Holds after every instruction; those that
    /// change the money of a job check it, but for the listing, which computes the escrow.
    pub fn invariant(&self) -> Result<()> {
        let settled = self.current_state()? == State::Settled;
        let expected = if settled {
            Amount::ZERO
        } else {
            self.money_terms()?
                .escrow_amount()
                .and_then(|deposit| deposit.checked_add(Amount(self.budget)))
                .map_err(errors::overflow_error)?
        };

        let no_early_credit = settled || (self.node_credit == 0 && self.payer_credit == 0);
        require!(self.escrow == expected.0 && no_early_credit, JobsError::InvariantViolated);
        Ok(())
    }
}

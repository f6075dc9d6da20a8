use anchor_lang::prelude::*;
use nosana_protocol::{
    clocks::Clocks,
    ending::Run,
    job::{Action, Kind, State},
    settlement::Terms,
    units::{Amount, BasisPoints, Price, Seconds, UnixTimestamp},
};

use crate::errors::{self, JobsError};

/// A job, with the terms that its client agreed to. Seeds: `["job", client, nonce]`.
#[account]
pub struct Job {
    /// Who listed it and decides about it.
    pub client: Address,
    /// Who paid the deposit and the rent; gets the rent back.
    pub payer: Address,
    /// The token account that gets refunds.
    pub payer_token: Address,
    /// The market it was listed in.
    pub market: Address,
    /// The node it was matched with or runs on; zero if none.
    pub node: Address,
    /// The token account that is paid for the work; zero before the start.
    pub node_token: Address,
    /// Digest of the definition: the sha2-256 in its CIDv0.
    pub definition: [u8; 32],
    /// Digest of the result, likewise; zero before it is there.
    pub result: [u8; 32],
    /// Digest of the node's last checkpoint; zero if none.
    pub checkpoint: [u8; 32],
    /// The market's access collection when it was listed; zero if none.
    pub access_collection: Address,
    /// Tells the jobs of one client apart.
    pub nonce: u64,
    /// Base units a second.
    pub price_per_second: u64,
    /// The longest paid time.
    pub timeout_seconds: u64,
    /// Base units that are not assigned yet, the budget among them.
    pub escrow: u64,
    /// Base units that anyone added for the client to extend the job with. They go to the payer if
    /// nobody does.
    pub budget: u64,
    /// Base units assigned to the node that could not be paid directly.
    pub node_credit: u64,
    /// Base units assigned to the payer that could not be paid directly.
    pub payer_credit: u64,
    /// Base units of the node's stake that are locked for a submitted result.
    pub collateral: u64,
    /// The timeout that its node agreed to when it started; zero before.
    pub promised_seconds: u64,
    /// The market's least xNOS when it was listed.
    pub min_xnos: u64,
    /// Unix seconds of each step; zero before it.
    pub listed_at: i64,
    /// Since when it waits in the queue; changes when it is queued again.
    pub queued_at: i64,
    pub matched_at: i64,
    pub started_at: i64,
    pub heartbeat_at: i64,
    pub submitted_at: i64,
    pub settled_at: i64,
    /// The market's clocks when it was listed.
    pub queue_seconds: u32,
    pub start_seconds: u32,
    pub heartbeat_seconds: u32,
    pub finish_grace_seconds: u32,
    pub challenge_seconds: u32,
    pub retention_seconds: u32,
    /// The network's fee when it was listed.
    pub network_fee_bps: u16,
    /// How far the node says it is, in basis points.
    pub progress_bps: u16,
    /// See [`State`].
    pub state: u8,
    /// See [`nosana_protocol::job::Reason`].
    pub reason: u8,
    /// See [`Kind`].
    pub kind: u8,
    /// How often it was queued again after a node failed.
    pub attempts: u8,
    /// How often it may be.
    pub max_attempts: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
    /// The xNOS that the owner's own stake has to keep while the job runs; written at the start.
    pub min_own_xnos: u64,
    /// For later fields: audits, among others.
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Job>() == 560);

impl Job {
    /// Where it stands.
    pub fn state(&self) -> Result<State> {
        Ok(State::from_byte(self.state).ok_or(JobsError::InvariantViolated)?)
    }

    /// Moves it on by `action`, if its state allows that.
    pub fn advance(&mut self, action: Action) -> Result<()> {
        self.state = self.state()?.next(action).map_err(errors::wrong_state)? as u8;
        Ok(())
    }

    /// The money terms.
    pub fn terms(&self) -> Result<Terms> {
        Ok(Terms {
            price: Price(self.price_per_second),
            timeout: Seconds(self.timeout_seconds),
            fee: BasisPoints(self.network_fee_bps),
            kind: Kind::from_byte(self.kind).ok_or(JobsError::InvariantViolated)?,
        })
    }

    /// The time terms.
    pub fn clocks(&self) -> Clocks {
        Clocks {
            queue: Seconds(self.queue_seconds.into()),
            start: Seconds(self.start_seconds.into()),
            heartbeat: Seconds(self.heartbeat_seconds.into()),
            finish_grace: Seconds(self.finish_grace_seconds.into()),
            challenge: Seconds(self.challenge_seconds.into()),
            retention: Seconds(self.retention_seconds.into()),
        }
    }

    /// The last moment for a result; of a service, its end.
    pub fn deadline(&self) -> Result<i64> {
        let (started, timeout) = (UnixTimestamp(self.started_at), Seconds(self.timeout_seconds));
        let deadline = match self.terms()?.kind {
            Kind::Batch => self.clocks().deadline(started, timeout),
            Kind::Service => started.after(timeout),
        };
        Ok(deadline.map_err(errors::overflow)?.0)
    }

    /// The run, as its clocks see it.
    pub fn run(&self) -> Result<Run> {
        Ok(Run {
            kind: self.terms()?.kind,
            started: UnixTimestamp(self.started_at),
            heartbeat: UnixTimestamp(self.heartbeat_at),
            timeout: Seconds(self.timeout_seconds),
        })
    }

    /// Forgets the node, before the job is queued again.
    pub fn unbind(&mut self) {
        self.node = Address::default();
        self.node_token = Address::default();
        self.checkpoint = [0; 32];
        self.progress_bps = 0;
        self.promised_seconds = 0;
        self.matched_at = 0;
        self.started_at = 0;
        self.heartbeat_at = 0;
    }

    /// Makes it wait for `node`.
    pub fn match_with(&mut self, node: Address, now: i64) -> Result<()> {
        self.advance(Action::Match)?;
        self.node = node;
        self.matched_at = now;
        Ok(())
    }

    /// What must hold after every instruction: the deposit and the budget are there until they are
    /// assigned, and only until then.
    pub fn invariant(&self) -> Result<()> {
        let settled = self.state()? == State::Settled;
        let expected = if settled {
            Amount::ZERO
        } else {
            self.terms()?
                .escrow()
                .and_then(|deposit| deposit.plus(Amount(self.budget)))
                .map_err(errors::overflow)?
        };
        let no_early_credit = settled || (self.node_credit == 0 && self.payer_credit == 0);
        require!(self.escrow == expected.0 && no_early_credit, JobsError::InvariantViolated);
        Ok(())
    }
}

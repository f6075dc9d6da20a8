use std::collections::{BTreeMap, VecDeque};

use nosana_client::jobs::types::{Hardware, MarketTerms};
use nosana_protocol::{
    clocks::Clocks,
    ending::RunTimes,
    job::{Kind, Reason, ReturnCause, State},
    reputation::Reputation,
    settlement::Terms,
    units::{BasisPoints, Price, Seconds, UnixTimestamp},
};
use solana_address::Address;

use super::{Dispute, Key, Outcome, Rejection};
use crate::actors::{JOBS, MARKETS, NODES, TOKEN_ACCOUNTS};

/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: i64,
    pub config: Config,
    pub markets: [Option<Market>; MARKETS],
    pub jobs: [Option<Job>; JOBS],
    pub nodes: [Node; NODES],
    /// The bytes of the nodes' addresses, by which panels are drawn.
    pub addresses: [[u8; 32]; NODES],
    pub disputes: BTreeMap<Key, Dispute>,
    pub stakes: [Option<Stake>; NODES],
    /// Base units in each token account; nothing where it is closed.
    pub balances: [Option<u64>; TOKEN_ACCOUNTS],
    /// Base units that came to the reward pool.
    pub income: u64,
    /// Base units that slashes burnt.
    pub burned: u64,
}

/// The configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub paused: bool,
    /// Fee, deposit, longest timeout.
    pub policy: (u16, u64, u64),
    pub announced: Option<((u16, u64, u64), i64)>,
}

/// A market and its queue.
#[derive(Clone, Debug)]
pub struct Market {
    pub terms: MarketTerms,
    pub announced: Option<(MarketTerms, i64)>,
    pub collection_since: i64,
    pub revision: u32,
    pub retired: bool,
    pub deposit: u64,
    pub donated: u64,
    pub queue: VecDeque<Place>,
    pub cells: usize,
    pub fees: u64,
    pub credits: u64,
    pub listed: u64,
    pub open: u64,
}

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub who: Waiter,
    pub price: u64,
}

/// An entry of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter {
    Job(usize),
    Node(usize),
}

/// A job. Its refunds go to the payer's token account, which has the payer's number.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub client: usize,
    pub payer: usize,
    pub market: usize,
    pub node: Option<usize>,
    pub node_token: Option<usize>,
    pub has_result: bool,
    pub checkpoint: u8,
    /// The number of the sketch that the node committed to with the result.
    pub trace: Option<u8>,
    pub panel_fee: u64,
    pub min_collateral: u64,
    pub phase_length: Seconds,
    pub progress: u16,
    pub collection: Address,
    pub terms: Terms,
    pub clocks: Clocks,
    pub min_xnos: u64,
    /// Minimum GPU memory, benchmark and reputation for the panel of a dispute.
    pub gates: (u32, u32, u16),
    pub max_attempts: u8,
    pub attempts: u8,
    pub refusals: u8,
    pub cancel_requested: bool,
    pub rejection_requested: bool,
    pub cause: ReturnCause,
    pub attempt_id: u64,
    pub revision: u32,
    pub silent: Seconds,
    pub escrow: u64,
    pub budget: u64,
    pub node_credit: u64,
    pub payer_credit: u64,
    pub collateral: u64,
    pub promised: Seconds,
    pub listed_at: i64,
    pub queued_at: i64,
    pub matched_at: i64,
    pub started_at: i64,
    pub heartbeat_at: i64,
    pub submitted_at: i64,
    pub settled_at: i64,
    pub state: State,
    pub reason: Reason,
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub payout: usize,
    pub hardware: Hardware,
    pub draining: bool,
    pub earned: u64,
    pub reputation: Reputation,
    pub completed: u32,
    pub failed: u32,
    pub rejected: u32,
    pub panel_weight: u64,
    pub panel_since: i64,
    pub panels_right: u32,
    pub panels_overruled: u32,
    /// Base units that are locked and that no slot, result or seat uses.
    pub idle: u64,
    pub slots: [Slot; 16],
}

/// A job's place on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub used: SlotUse,
    pub market: usize,
    pub since: i64,
    pub taken_at: i64,
    pub collateral: u64,
    pub penalty: u64,
    pub revision: u32,
    pub refusals: u8,
    pub remembered_until: i64,
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotUse {
    Free,
    Waiting,
    Claimed(usize),
    Running(usize),
    Resting,
}

/// A stake.
#[derive(Clone, Copy, Debug)]
pub struct Stake {
    pub amount: u64,
    pub withdrawn: u64,
    pub locked: u64,
    pub xnos: u64,
    pub duration: u64,
    pub unstaked_at: i64,
    pub slashed: u64,
}

impl Job {
    /// A job that `client` lists in `market` at `now`, before it finds its place.
    pub fn new(client: usize, payer: usize, market: usize, terms: &MarketTerms, now: i64) -> Self {
        let seconds = |span: u32| Seconds(span.into());
        Self {
            client,
            payer,
            market,
            node: None,
            node_token: None,
            has_result: false,
            checkpoint: 0,
            trace: None,
            panel_fee: 0,
            min_collateral: 0,
            phase_length: Seconds(0),
            progress: 0,
            collection: terms.access_collection,
            terms: Terms {
                price: Price(terms.price_per_second),
                timeout: Seconds(0),
                fee: BasisPoints(0),
                kind: Kind::Batch,
            },
            clocks: Clocks {
                queue: seconds(terms.queue_seconds),
                start: seconds(terms.start_seconds),
                heartbeat: seconds(terms.heartbeat_seconds),
                finish_grace: seconds(terms.finish_grace_seconds),
                challenge: seconds(terms.challenge_seconds),
                retention: seconds(terms.retention_seconds),
                min_run: seconds(terms.min_run_seconds),
            },
            min_xnos: terms.min_xnos,
            gates: (
                terms.min_vram_mib,
                terms.min_prompt_tokens_per_second,
                terms.min_reputation_bps,
            ),
            max_attempts: u8::try_from(terms.max_attempts).expect("in bounds"),
            attempts: 0,
            refusals: 0,
            cancel_requested: false,
            rejection_requested: false,
            cause: ReturnCause::None,
            attempt_id: 0,
            revision: 0,
            silent: Seconds(0),
            escrow: 0,
            budget: 0,
            node_credit: 0,
            payer_credit: 0,
            collateral: 0,
            promised: Seconds(0),
            listed_at: now,
            queued_at: now,
            matched_at: 0,
            started_at: 0,
            heartbeat_at: 0,
            submitted_at: 0,
            settled_at: 0,
            state: State::Queued,
            reason: Reason::None,
        }
    }

    /// The run, for its clocks.
    pub const fn run(&self) -> RunTimes {
        RunTimes {
            kind: self.terms.kind,
            started: UnixTimestamp(self.started_at),
            heartbeat: UnixTimestamp(self.heartbeat_at),
            timeout: self.terms.timeout,
            silent: self.silent,
        }
    }
}

impl Model {
    /// An open market.
    pub fn market(&mut self, market: usize) -> Outcome<&mut Market> {
        self.markets[market].as_mut().ok_or(Rejection::Below)
    }

    /// A job that is there, in a market that is.
    pub fn job(&self, job: usize) -> Outcome<Job> {
        let found = self.jobs[job].ok_or(Rejection::Below)?;
        self.markets[found.market].as_ref().map(|_| found).ok_or(Rejection::Below)
    }

    /// A job that has to be there.
    pub fn job_mut(&mut self, job: usize) -> &mut Job {
        self.jobs[job].as_mut().expect("the job is there")
    }

    /// Takes money from a token account. Nothing can be taken from any.
    pub fn take(&mut self, account: usize, amount: u64) -> Outcome {
        if amount > 0 {
            let held = self.balances[account].as_mut().ok_or(Rejection::Below)?;
            *held = held.checked_sub(amount).ok_or(Rejection::TooLittle)?;
        }
        Ok(())
    }

    /// Puts money into a token account; whether it is open.
    pub fn give(&mut self, account: usize, amount: u64) -> bool {
        self.balances[account].as_mut().map(|held| *held += amount).is_some()
    }
}

//! The chain against the model: all accounts, with every field that the model knows.

use std::fmt::Debug;

use nosana_client::{
    ProgramAccount, Queue,
    jobs::{
        accounts::{Config, Job, Market, Node},
        types::Slot,
    },
    pda,
    staking::accounts::Stake,
};
use nosana_protocol::{job::Reason, queue::Side};
use nosana_tests::{
    Chain,
    terms::{DEFINITION, RESULT, STAKE},
};
use solana_address::Address;

use crate::{
    cast::{self, DEPLOYER, JOBS, MARKETS, NODES, NONCES, NOTICES, PURSES},
    model::{self, Model, NO_TERMS, Use, Who},
    stage::Stage,
};

/// What differs.
pub type Difference = Result<(), String>;

/// Fails with what differs.
fn same<T: PartialEq + Debug>(what: &str, actual: &T, expected: &T) -> Difference {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}\nis       {actual:?}\nexpected {expected:?}"))
    }
}

impl Stage {
    /// Compares everything.
    pub async fn compare(&self, model: &Model) -> Difference {
        model.check();
        same("the time", &self.world.now(), &model.now)?;
        self.compare_config(model).await?;
        for market in 0..MARKETS {
            self.compare_market(model, market).await?;
        }
        for job in 0..JOBS {
            self.compare_job(model, job).await?;
        }
        for node in 0..NODES {
            self.compare_node(model, node).await?;
        }
        for purse in 0..PURSES {
            let held = self.held(&self.purses[purse]).await;
            same(&format!("token account {purse}"), &held, &model.purses[purse])?;
        }
        let staked = self.held(&pda::staking::vault()).await;
        same("the staking vault", &staked, &Some(model.staked() + STAKE))?;
        same("the reward vault", &self.held(&pda::rewards::vault()).await, &Some(model.income))
    }

    /// An account that the model says is there, or is not.
    async fn found<T: ProgramAccount>(
        &self,
        address: &Address,
        expected: bool,
    ) -> Result<Option<T>, String> {
        let found = self.world.find::<T>(address).await;
        same(&format!("whether there is a {} at {address}", T::NAME), &found.is_some(), &expected)?;
        Ok(found)
    }

    async fn compare_config(&self, model: &Model) -> Difference {
        let actual: Config = self.world.get(&pda::jobs::config()).await;
        let (fee, deposit, longest) = model.config.policy;
        let ((next_fee, next_deposit, next_longest), from) =
            model.config.announced.unwrap_or_default();
        let expected = Config {
            admin: self.wallets[DEPLOYER],
            pending_admin: Address::default(),
            guardian: self.wallets[DEPLOYER],
            nos_mint: self.world.mint,
            market_deposit: deposit,
            max_timeout_seconds: longest,
            pending_market_deposit: next_deposit,
            pending_max_timeout_seconds: next_longest,
            pending_from: from,
            network_fee_bps: fee,
            pending_network_fee_bps: next_fee,
            paused: model.config.paused.into(),
            ..actual
        };
        same("the configuration", &actual, &expected)
    }

    async fn compare_market(&self, model: &Model, number: usize) -> Difference {
        let expected = model.markets[number].as_ref();
        let actual = self.found::<Market>(&self.markets[number], expected.is_some()).await?;
        let vault = self.held(&self.vaults[number]).await;
        let (Some(expected), Some(actual)) = (expected, actual) else {
            let queue = self.world.chain.account(&self.queues[number]).await;
            return same("what is left of a closed market", &(vault, queue), &(None, None));
        };
        let (announced, announced_from) = expected.announced.unwrap_or((NO_TERMS, 0));
        let market = Market {
            creator: self.wallets[DEPLOYER],
            authority: self.wallets[DEPLOYER],
            pending_authority: Address::default(),
            queue: self.queues[number],
            vault: self.vaults[number],
            terms: expected.terms,
            announced,
            announced_from,
            terms_since: expected.terms_since,
            id: number as u64,
            deposit: expected.deposit,
            notice_seconds: NOTICES[number],
            retired: expected.retired.into(),
            ..actual
        };
        same(&format!("market {number}"), &actual, &market)?;
        same(&format!("the vault of market {number}"), &vault, &Some(model.vault(number)))?;

        let data = self
            .world
            .chain
            .account(&self.queues[number])
            .await
            .map(|account| account.data)
            .unwrap_or_default();
        let queue = Queue::decode(&data)
            .map_err(|error| format!("the queue of market {number}: {error}"))?;
        let waiting: Vec<(Address, u64)> =
            queue.waiting.iter().map(|place| (place.address, place.price_per_second)).collect();
        let line: Vec<(Address, u64)> =
            expected.line.iter().map(|place| (self.address_of(place.who), place.price)).collect();
        same(&format!("who waits in market {number}"), &waiting, &line)?;
        let side = match expected.line.front().map(|place| place.who) {
            None => Side::Empty,
            Some(Who::Job(_)) => Side::Jobs,
            Some(Who::Node(_)) => Side::Nodes,
        };
        let numbers =
            (queue.header.fees_accrued, queue.header.credits_owed, queue.header.jobs_listed);
        let wanted = (expected.fees, expected.credits, expected.listed);
        same(&format!("fees, credits and jobs so far of market {number}"), &numbers, &wanted)?;
        let rest =
            (queue.header.market, queue.header.open_jobs, queue.fifo.side, queue.capacity as usize);
        let wanted = (self.markets[number], expected.open, side, expected.cells);
        same(&format!("open jobs, side and cells of market {number}"), &rest, &wanted)
    }

    const fn address_of(&self, who: Who) -> Address {
        match who {
            Who::Job(job) => self.jobs[job],
            Who::Node(node) => self.nodes[node],
        }
    }

    async fn compare_job(&self, model: &Model, number: usize) -> Difference {
        let expected = model.jobs[number];
        let actual = self.found::<Job>(&self.jobs[number], expected.is_some()).await?;
        let (Some(expected), Some(actual)) = (expected, actual) else { return Ok(()) };
        let seconds =
            |span: nosana_protocol::units::Seconds| u32::try_from(span.0).expect("in range");
        let node = |all: &[Address], number: Option<usize>| {
            number.map_or(Address::default(), |number| all[number])
        };
        let wanted = Job {
            client: self.wallets[expected.client],
            payer: self.wallets[expected.payer],
            payer_token: self.purses[expected.payer],
            market: self.markets[expected.market],
            node: node(&self.nodes, expected.node),
            node_token: node(&self.purses, expected.node_token),
            definition: DEFINITION,
            result: if expected.has_result { RESULT } else { [0; 32] },
            checkpoint: [expected.checkpoint; 32],
            access_collection: expected.collection,
            nonce: (number % NONCES) as u64,
            price_per_second: expected.terms.price.0,
            timeout_seconds: expected.terms.timeout.0,
            escrow: expected.escrow,
            budget: expected.budget,
            node_credit: expected.node_credit,
            payer_credit: expected.payer_credit,
            collateral: expected.collateral,
            promised_seconds: expected.promised.0,
            min_xnos: expected.min_xnos,
            listed_at: expected.listed_at,
            queued_at: expected.queued_at,
            matched_at: expected.matched_at,
            started_at: expected.started_at,
            heartbeat_at: expected.heartbeat_at,
            submitted_at: expected.submitted_at,
            settled_at: expected.settled_at,
            queue_seconds: seconds(expected.clocks.queue),
            start_seconds: seconds(expected.clocks.start),
            heartbeat_seconds: seconds(expected.clocks.heartbeat),
            finish_grace_seconds: seconds(expected.clocks.finish_grace),
            challenge_seconds: seconds(expected.clocks.challenge),
            retention_seconds: seconds(expected.clocks.retention),
            network_fee_bps: expected.terms.fee.0,
            progress_bps: expected.progress,
            state: expected.state as u8,
            reason: expected.reason as u8,
            kind: expected.terms.kind as u8,
            attempts: expected.attempts,
            max_attempts: expected.max_attempts,
            ..actual
        };
        assert_eq!(Reason::from_byte(wanted.reason), Some(expected.reason), "the protocol's bytes");
        same(&format!("job {number}"), &actual, &wanted)
    }

    async fn compare_node(&self, model: &Model, number: usize) -> Difference {
        let expected = &model.nodes[number];
        let actual: Node = self.world.get(&self.nodes[number]).await;
        let wanted = Node {
            authority: self.wallets[cast::owner_of(number)],
            payout: self.purses[expected.payout],
            stake: self.stakes[number],
            hardware: expected.hardware.digest,
            earned: expected.earned,
            reputation_good: expected.reputation.good,
            reputation_bad: expected.reputation.bad,
            reputation_at: expected.reputation.at.0,
            jobs_completed: expected.completed,
            jobs_failed: expected.failed,
            vram_mib: expected.hardware.vram_mib,
            gflops: expected.hardware.gflops,
            capacity: expected.hardware.capacity,
            draining: expected.draining.into(),
            slots: expected.slots.map(|slot| self.slot(&slot)),
            ..actual
        };
        same(&format!("node {number}"), &actual, &wanted)?;

        let expected = model.stakes[number];
        let actual = self.found::<Stake>(&self.stakes[number], expected.is_some()).await?;
        let (Some(expected), Some(actual)) = (expected, actual) else { return Ok(()) };
        let wanted = Stake {
            owner: self.wallets[cast::owner_of(number)],
            amount: expected.amount,
            withdrawn: expected.withdrawn,
            locked: expected.locked,
            xnos: expected.xnos,
            duration_seconds: expected.duration,
            unstaked_at: expected.unstaked_at,
            slashed: expected.slashed,
            ..actual
        };
        same(&format!("the stake of node {number}"), &actual, &wanted)
    }

    fn slot(&self, slot: &model::Slot) -> Slot {
        let (state, job) = match slot.used {
            Use::Free => (0, None),
            Use::Waiting => (1, None),
            Use::Offered(job) => (2, Some(job)),
            Use::Running(job) => (3, Some(job)),
            Use::Resting => (4, None),
        };
        Slot {
            market: if slot.used != Use::Free {
                self.markets[slot.market]
            } else {
                Address::default()
            },
            job: job.map_or(Address::default(), |job| self.jobs[job]),
            since: slot.since,
            taken_at: slot.taken_at,
            collateral: slot.collateral,
            no_start_penalty: slot.penalty,
            state,
            padding: [0; 7],
        }
    }
}

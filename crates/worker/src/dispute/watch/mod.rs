//! Follows the disputes of the node's market, and a few of others, beside the loop that runs jobs.

mod advance;
mod choice;
mod devices;
mod elsewhere;
mod followed;
mod look_around;
mod order;
mod preparation;
mod prepare;
mod step;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use nosana_client::{
    Event,
    jobs::{accounts::Node, events::Event as JobsEvent},
    session::{Subscription, TransactionLogs},
};
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

use self::{
    choice::MAX_FOLLOWED,
    elsewhere::Elsewhere,
    followed::{Followed, TaskEnd},
    order::SecretOrder,
};
use super::{
    fisherman::Sampler,
    lapsed::draw_first_delay,
    time_limit::{READ_TIME, limit_time},
};
use crate::{event_sink::EventSink, worker::Worker};

/// The pause between two reads of the disputes that are followed.
const STEP_INTERVAL: Duration = Duration::from_secs(2);
/// The most disputes to follow until the next list chooses some.
const MAX_UNLISTED: usize = 4 * MAX_FOLLOWED;
/// How often in a row this node has to see that it has nothing to lose before it leaves: an RPC
/// server may be behind.
const QUIET_STEPS: u32 = 3;

/// The disputes that this node follows.
pub(crate) struct DisputeWatch {
    worker: Arc<Worker>,
    events: EventSink,
    logs: Subscription<TransactionLogs>,
    followed: BTreeMap<Address, Followed>,
    order: SecretOrder,
    /// Disputes in which this node still has to act, or it loses collateral.
    engaged: BTreeSet<Address>,
    /// What it seeks in other markets.
    elsewhere: Elsewhere,
    tasks: JoinSet<TaskEnd>,
    sampler: Sampler,
    is_checking: bool,
    is_enrolling: bool,
    is_start: bool,
    is_listing: bool,
    /// Whether the last list of the market's disputes succeeded.
    is_listed: bool,
    /// No such list before this.
    list_at: Instant,
    /// Whether the last step read the disputes that are followed.
    is_read: bool,
    /// No look at this node's enrolment and at results of others before this.
    look_at: Instant,
    /// No search for enrolments of nodes whose stake has become smaller before this.
    remove_at: Instant,
}

impl DisputeWatch {
    /// Follows the disputes if the owner wants that, or this node may have seats or votes from
    /// before; `None` otherwise.
    pub async fn begin(worker: &Arc<Worker>, events: &EventSink) -> Option<Self> {
        let sampler = Sampler::new(worker.config.verification.check_rate);
        let is_wanted = worker.config.verification.panel || sampler.is_active();
        if !is_wanted && !worker.ballots.has_votes() {
            let node = worker.session.fetch_account::<Node>(&worker.node).await;
            if node.is_ok_and(|node| node.panel_weight == 0) {
                return None;
            }
        }

        if worker.config.verification.panel && worker.market.terms.dispute_seconds > 0 {
            worker.announce_least_fee();
        }

        // Their market is known once their accounts are read.
        let voted = worker.ballots.list_disputes();
        let followed = voted.into_iter().map(|address| (address, Followed::default())).collect();

        Some(Self {
            worker: Arc::clone(worker),
            events: events.clone(),
            logs: worker.session.subscribe_logs(worker.config.market),
            followed,
            order: SecretOrder::default(),
            engaged: BTreeSet::new(),
            elsewhere: Elsewhere::default(),
            tasks: JoinSet::new(),
            sampler,
            is_checking: false,
            is_enrolling: false,
            is_start: true,
            is_listing: false,
            is_listed: false,
            list_at: Instant::now(),
            is_read: false,
            look_at: Instant::now(),
            remove_at: Instant::now() + draw_first_delay(),
        })
    }

    /// Runs it on a task of its own, which ends when the returned value is dropped.
    pub fn spawn(self, shutdown: watch::Receiver<bool>) -> WatchTask {
        WatchTask(tokio::spawn(self.run(shutdown)))
    }

    /// Works until `shutdown` becomes true, and then until this node has nothing to lose in a
    /// dispute.
    async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut was_leaving = false;
        let mut quiet_steps = 0;
        loop {
            let is_leaving = *shutdown.borrow();
            match self.take_step(is_leaving).await {
                Ok(()) if is_leaving && self.has_nothing_to_lose() => quiet_steps += 1,
                Ok(()) => quiet_steps = 0,
                Err(error) => {
                    quiet_steps = 0;
                    self.events.emit_problem(format!("disputes: {error:#}"));
                }
            }
            if quiet_steps >= QUIET_STEPS {
                return;
            }
            if is_leaving && !was_leaving {
                tracing::info!("waits until its votes in disputes are revealed");
            }
            was_leaving = is_leaving;
            self.wait_for_change(&mut shutdown, is_leaving).await;
        }
    }

    /// Whether this node has no seat in which it still has to act, claims none, and has looked for
    /// those that it may have, also in other markets.
    fn has_nothing_to_lose(&self) -> bool {
        let is_acting = self.followed.values().any(|dispute| dispute.acting.is_some());
        let knows_seats = self.is_listed && self.is_read && self.elsewhere.may_leave();
        self.engaged.is_empty() && !is_acting && knows_seats
    }

    async fn take_step(&mut self, is_leaving: bool) -> Result<()> {
        self.reap_tasks();
        let reading = async { Ok(self.worker.session.fetch_clock().await?) };
        let clock = limit_time(READ_TIME, "reading the clock", reading).await?;
        let now = UnixTimestamp(clock.unix_timestamp);

        self.look_around(now, is_leaving);
        self.look_elsewhere(is_leaving);
        self.advance_followed(now, is_leaving).await;
        self.keep_devices();
        self.worker.seated_disputes.retain_disputes(|known| self.followed.contains_key(known));
        Ok(())
    }

    /// Returns after a short time, or when a result of the market is disputed.
    async fn wait_for_change(&mut self, shutdown: &mut watch::Receiver<bool>, is_leaving: bool) {
        let challenged = tokio::select! {
            () = sleep(STEP_INTERVAL) => None,
            dispute = next_challenge(&mut self.logs) => Some(dispute),
            // A sender that was dropped will never request a shutdown.
            Ok(()) = shutdown.changed(), if !is_leaving => None,
        };

        if let Some(dispute) = challenged {
            self.follow_dispute(dispute);
        }
    }

    fn follow_dispute(&mut self, address: Address) {
        if self.followed.len() < MAX_UNLISTED {
            let is_announced = true;
            let announced = || Followed { is_announced, ..Followed::default() };
            self.followed.entry(address).or_insert_with(announced);
        }
    }
}

impl Drop for DisputeWatch {
    fn drop(&mut self) {
        // A watch that has crashed judges nothing, and must not keep jobs from beginning.
        self.worker.kept_devices.set_seats(BTreeSet::new(), BTreeSet::new());
        self.worker.seated_disputes.retain_disputes(|_| false);
    }
}

/// Returns the dispute about the next result that is challenged. Cancel safe. Never returns once
/// the subscription has ended: then the lists of all disputes find it.
async fn next_challenge(logs: &mut Subscription<TransactionLogs>) -> Address {
    while let Some(logged) = logs.next().await {
        let challenged = logged.events.iter().find_map(|event| match event {
            Event::Jobs(JobsEvent::ResultChallenged(challenged)) => Some(challenged.dispute),
            _ => None,
        });
        if let Some(dispute) = challenged {
            return dispute;
        }
    }
    std::future::pending().await
}

/// A watch that runs, until this is dropped.
pub(crate) struct WatchTask(JoinHandle<()>);

impl WatchTask {
    /// Whether it has nothing more to do after a shutdown.
    pub fn has_ended(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for WatchTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

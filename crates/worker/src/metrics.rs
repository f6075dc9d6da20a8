//! What a node has done since its process began, in the text format of OpenMetrics, which
//! Prometheus reads.

mod server;

use std::{
    sync::atomic::AtomicU64,
    time::{SystemTime, UNIX_EPOCH},
};

use nosana_client::{Event, jobs::events::Event as JobsEvent};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use solana_address::Address;

pub use self::server::MetricsServer;
use crate::{WorkerEvent, slots::Slots};

type Label = [(&'static str, &'static str); 1];
type Seconds = Counter<f64, AtomicU64>;

/// The numbers of one worker.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    finished: Counter,
    given_back: Family<Label, Counter>,
    worked: Seconds,
    earned: Counter,
    slots: Family<Label, Gauge>,
    transactions: Family<Label, Counter>,
    problems: Counter,
    heard: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("nosana"),
            finished: Counter::default(),
            given_back: Family::default(),
            worked: Seconds::default(),
            earned: Counter::default(),
            slots: Family::default(),
            transactions: Family::default(),
            problems: Counter::default(),
            heard: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    /// The numbers as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("jobs_finished", "Jobs whose result the chain took", self.finished.clone());
        to.register(
            "jobs_given_back",
            "Jobs that the node was not paid for, by reason",
            self.given_back.clone(),
        );
        to.register_with_unit(
            "work",
            "Time spent on operations",
            Unit::Seconds,
            self.worked.clone(),
        );
        let base_units = Unit::Other("base_units".to_owned());
        to.register_with_unit(
            "earned",
            "NOS paid by this node's own transactions",
            base_units,
            self.earned.clone(),
        );
        to.register("slots", "Slots by what they are used for", self.slots.clone());
        to.register(
            "transactions",
            "Transactions that landed, by instruction",
            self.transactions.clone(),
        );
        to.register("problems", "Failures that were tried again", self.problems.clone());
        let what = "When the node last heard from the chain";
        to.register_with_unit("last_contact_timestamp", what, Unit::Seconds, self.heard.clone());
    }

    pub(crate) fn count(&self, event: &WorkerEvent, node: &Address) {
        match event {
            WorkerEvent::Finished { .. } => _ = self.finished.inc(),
            WorkerEvent::GaveBack { how, .. } => {
                _ = self.given_back.get_or_create(&[("reason", how.name())]).inc()
            }
            WorkerEvent::Executed { seconds, .. } => _ = self.worked.inc_by(*seconds),
            WorkerEvent::Problem(_) => _ = self.problems.inc(),
            WorkerEvent::Transaction { instruction, receipt, .. } => {
                self.transactions.get_or_create(&[("instruction", instruction)]).inc();
                for event in &receipt.events {
                    if let Event::Jobs(JobsEvent::JobSettled(settled)) = event
                        && settled.node == *node
                    {
                        self.earned.inc_by(settled.node_amount);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes what the chain says of the slots.
    pub(crate) fn see(&self, slots: &Slots) {
        let Slots { running, offered, waiting, resting, free } = slots;
        let counts = [
            ("running", running.len()),
            ("offered", offered.len()),
            ("waiting", waiting.len()),
            ("resting", *resting),
            ("free", *free),
        ];
        for (state, count) in counts {
            self.slots
                .get_or_create(&[("state", state)])
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.heard.set(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GaveBack;

    #[test]
    fn events_are_counted() {
        let metrics = Metrics::default();
        let job = Address::default();
        metrics.count(&WorkerEvent::Finished { job }, &job);
        metrics.count(&WorkerEvent::Executed { job, seconds: 1.5 }, &job);
        metrics.count(
            &WorkerEvent::GaveBack { job, how: GaveBack::Lost, reason: String::new() },
            &job,
        );
        metrics.count(&WorkerEvent::Problem(String::new()), &job);
        metrics.see(&Slots { free: 3, ..Slots::default() });
        let text = metrics.text();
        for line in [
            "nosana_jobs_finished_total 1",
            "nosana_jobs_given_back_total{reason=\"lost\"} 1",
            "nosana_work_seconds_total 1.5",
            "nosana_earned_base_units_total 0",
            "nosana_slots{state=\"free\"} 3",
            "nosana_problems_total 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|each| each == line), "{line} is not in\n{text}");
        }
    }
}

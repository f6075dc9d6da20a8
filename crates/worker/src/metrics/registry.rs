//! The metrics of a worker, and how events change them.

use std::{
    sync::atomic::AtomicU64,
    time::{SystemTime, UNIX_EPOCH},
};

use nosana_client::{Event, Receipt, jobs::events::Event as JobsEvent};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use solana_address::Address;

use crate::{events::WorkerEvent, slots::Slots};

type Label = [(&'static str, &'static str); 1];
type Seconds = Counter<f64, AtomicU64>;

/// The metrics of one worker.
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
    last_contact: Gauge,
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
            last_contact: Gauge::default(),
        };
        metrics.register_all();
        metrics
    }
}

impl Metrics {
    /// Returns the metrics as text.
    pub(crate) fn encode_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    fn register_all(&mut self) {
        let registry = &mut self.registry;

        registry.register(
            "jobs_finished",
            "Jobs whose result the chain accepted",
            self.finished.clone(),
        );
        registry.register(
            "jobs_given_back",
            "Jobs that the node was not paid for, by reason",
            self.given_back.clone(),
        );
        registry.register_with_unit(
            "work",
            "Time spent on operations",
            Unit::Seconds,
            self.worked.clone(),
        );
        registry.register_with_unit(
            "earned",
            "NOS paid by this node's own transactions",
            Unit::Other("base_units".to_owned()),
            self.earned.clone(),
        );

        registry.register("slots", "Slots by state", self.slots.clone());
        registry.register(
            "transactions",
            "Transactions that landed, by instruction",
            self.transactions.clone(),
        );
        registry.register("problems", "Failures that were retried", self.problems.clone());
        registry.register_with_unit(
            "last_contact_timestamp",
            "When the node last read the chain",
            Unit::Seconds,
            self.last_contact.clone(),
        );
    }

    /// Counts one event of the worker of `node`.
    pub(crate) fn count_event(&self, event: &WorkerEvent, node: &Address) {
        match event {
            WorkerEvent::Finished { .. } => _ = self.finished.inc(),
            WorkerEvent::GaveBack { how, .. } => {
                _ = self.given_back.get_or_create(&[("reason", how.name())]).inc();
            }
            WorkerEvent::Executed { seconds, .. } => _ = self.worked.inc_by(*seconds),
            WorkerEvent::Problem(_) => _ = self.problems.inc(),
            WorkerEvent::Transaction { instruction, receipt, .. } => {
                self.transactions.get_or_create(&[("instruction", instruction)]).inc();
                self.count_earnings(receipt, node);
            }
            WorkerEvent::Waiting
            | WorkerEvent::Took { .. }
            | WorkerEvent::Started { .. }
            | WorkerEvent::Recovered { .. } => {}
        }
    }

    fn count_earnings(&self, receipt: &Receipt, node: &Address) {
        for event in &receipt.events {
            if let Event::Jobs(JobsEvent::JobSettled(settled)) = event
                && settled.node == *node
            {
                self.earned.inc_by(settled.node_amount);
            }
        }
    }

    /// Records the slots that were just read from the chain.
    pub(crate) fn set_slots(&self, slots: &Slots) {
        let Slots { running, claimed, waiting, resting, free, used: _ } = slots;
        let counts = [
            ("running", running.len()),
            // Dashboards use this label: it keeps its earlier name.
            ("offered", claimed.len()),
            ("waiting", waiting.len()),
            ("resting", *resting),
            ("free", *free),
        ];
        for (state, count) in counts {
            let gauge = self.slots.get_or_create(&[("state", state)]);
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }

        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last_contact.set(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::GaveBack;

    #[test]
    fn events_are_counted() {
        let metrics = Metrics::default();
        let job = Address::default();
        metrics.count_event(&WorkerEvent::Finished { job }, &job);
        metrics.count_event(&WorkerEvent::Executed { job, seconds: 1.5 }, &job);
        metrics.count_event(
            &WorkerEvent::GaveBack { job, how: GaveBack::Lost, reason: String::new() },
            &job,
        );
        metrics.count_event(&WorkerEvent::Problem(String::new()), &job);
        metrics.set_slots(&Slots { free: 3, ..Slots::default() });
        let text = metrics.encode_text();
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

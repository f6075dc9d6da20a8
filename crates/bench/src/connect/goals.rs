//! What is meant to be reached. Timings depend on the machine: a goal that is not met is reported,
//! and nothing fails.

use serde::{Deserialize, Serialize};

use super::{idle::IdleCost, requests::RequestTimes, transfers::TransferRates};

/// The least part of a bare stream's speed that a forwarded port has.
const MIN_FORWARDED_SHARE: f64 = 0.8;
/// The most milliseconds that a forwarded port adds to a request.
const MAX_ADDED_MS: f64 = 2.0;
/// The part of a core that an endpoint needs less than if nobody uses it.
const MAX_CORE_SHARE: f64 = 0.01;
/// The memory that it needs less than, in MB.
const MAX_ADDED_MB: f64 = 60.0;

/// A goal, and what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// What is measured.
    pub name: String,
    /// What is meant to be reached.
    pub goal: String,
    /// What was measured.
    pub measured: String,
    /// Whether the goal is met.
    pub is_met: bool,
}

impl Goal {
    fn new(name: &str, goal: String, measured: String, is_met: bool) -> Self {
        Self { name: name.to_owned(), goal, measured, is_met }
    }

    /// The goal as a row of a table.
    pub fn to_row(&self) -> Vec<String> {
        let verdict = if self.is_met { "met" } else { "not met" };
        vec![self.name.clone(), self.goal.clone(), self.measured.clone(), verdict.to_owned()]
    }
}

/// Returns all goals of what was measured.
pub fn list_goals(
    transfers: &TransferRates,
    requests: &RequestTimes,
    idle: Option<&IdleCost>,
) -> Vec<Goal> {
    let share = transfers.forwarded_share();
    let added = |name: &str, ms: f64| {
        let goal = format!("at most {MAX_ADDED_MS} ms");
        Goal::new(name, goal, format!("{ms:.2} ms"), ms <= MAX_ADDED_MS)
    };
    let mut goals = vec![
        Goal::new(
            "forwarded port, part of a bare stream's speed",
            format!("at least {MIN_FORWARDED_SHARE}"),
            format!("{share:.2}"),
            share >= MIN_FORWARDED_SHARE,
        ),
        added("added to a request on an open connection", requests.added_open_ms()),
        added("added to a request with a new connection", requests.added_new_ms()),
    ];

    if let Some(idle) = idle {
        let [share, mb] = [idle.core_share(), idle.added_mb()];
        goals.push(Goal::new(
            "endpoint that nobody uses, part of a core",
            format!("less than {:.0} %", MAX_CORE_SHARE * 100.0),
            format!("{:.2} %", share * 100.0),
            share < MAX_CORE_SHARE,
        ));
        goals.push(Goal::new(
            "endpoint that nobody uses, memory",
            format!("less than {MAX_ADDED_MB} MB"),
            format!("{mb:.1} MB"),
            mb < MAX_ADDED_MB,
        ));
    }
    goals
}

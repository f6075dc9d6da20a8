//! Tests of the model.
//!
//! | module | what is tested |
//! | --- | --- |
//! | `queuing` | waiting times against the theory of queues |
//! | `markets` | nodes that fail, batches, and full blocks |
//! | `chain`, `costs`, `outcome`, `record`, `service` | the parts of the same names |
//! | `sweep`, `point`, `replay` | what `nosana bench scale` simulates |

mod chain;
mod costs;
mod markets;
mod outcome;
mod point;
mod queuing;
mod record;
mod replay;
mod service;
mod sweep;

use crate::{
    costs::{BlockLimits, Costs},
    scenario::{Begin, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

/// A market of nodes with one slot that do not fail or rest, on a chain without limits.
fn ideal_market(nodes: usize, load: f64, mean_run: f64, jobs: f64) -> Scenario {
    let rate = nodes as f64 * load / mean_run;
    let seconds = jobs / rate;
    Scenario {
        markets: 1,
        nodes,
        slots_per_node: 1,
        arrivals: Arrivals::Random { rate, batch_rate: 0.0, batch: 1 },
        service: ServiceTimes::Exponential(mean_run),
        clocks: MarketClocks { min_run_seconds: 0.0, ..MarketClocks::DEFAULT },
        churn: None,
        reaction_seconds: 0.0,
        costs: Costs::FREE,
        limits: BlockLimits::UNLIMITED,
        begin: Begin::Busy(load),
        seconds,
        warm_up_seconds: seconds * 0.1,
        drain_seconds: 20.0 * mean_run,
        seed: 5,
    }
}

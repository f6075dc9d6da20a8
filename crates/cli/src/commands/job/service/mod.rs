//! Services: their cost, their logs, and following them.
//!
//! | module | purpose |
//! | --- | --- |
//! | `cost` | the time left and the cost, as the chain computes them |
//! | `describe` | the cost as lines and as JSON |
//! | `follow` | following a service to its end |
//! | `logs` | its node's last report, and what it left |

mod cost;
mod describe;
mod follow;
mod logs;

pub use self::{
    cost::has_ended_early,
    describe::{cost_to_json, describe_cost},
    follow::follow_service,
    logs::show_service_logs,
};

//! What a node has done since its process began, in the text format of OpenMetrics, which
//! Prometheus reads.
//!
//! | module | purpose |
//! | --- | --- |
//! | `registry` | the metrics, and how events change them |
//! | `server` | serve them over HTTP |

mod registry;
mod server;

pub use self::{registry::Metrics, server::MetricsServer};

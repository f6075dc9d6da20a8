//! Public URLs for ports of jobs: a reverse proxy from HTTP to the nodes that run them.
//!
//! `http://<job>-<port>.<domain>` leads to a port that the job's definition makes public. The gateway
//! dials nodes of running jobs and nothing else: the name of the host names a job, the chain names
//! the job's node and its endpoint, and the node checks that the port is public. Requests are parsed
//! and written again on both sides. A gateway's host can read everything that goes through it.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`hostname`] | host names of jobs and ports |
//! | [`config`] | the domain, the bounds, the proxies that are trusted |
//! | [`server`] | accepts connections until it is shut down |
//! | [`admin`] | health and metrics |
//! | `state` | what the connections share |
//! | `connection` | one connection with its bounds |
//! | `handler` | one request: from its host to the node |
//! | `forward` | sends a request to the job, and returns the response |
//! | `headers` | the headers that are replaced |
//! | `visitor` | who makes a request |
//! | `places` | where jobs run, as the chain says |
//! | `place_reader`, `place_reads` | one read of the chain; those that go on now |
//! | `place_memory`, `cache` | what was read a short time ago |
//! | `read_rates` | how often visitors cause reads |
//! | `lines`, `known_line` | connections to nodes; one of them |
//! | `seats`, `visitor_seats` | bounds for each visitor, its network, and each job |
//! | `pace` | how fast a visitor must send a body |
//! | `idle_guard` | connections on which nothing moves |
//! | `body` | bodies of requests and responses |
//! | `refusal` | responses of the gateway itself |
//! | `metrics` | what a gateway has done |

pub mod admin;
mod body;
mod cache;
pub mod config;
mod connection;
mod forward;
mod handler;
mod headers;
pub mod hostname;
mod idle_guard;
mod known_line;
mod lines;
mod metrics;
mod pace;
mod place_memory;
mod place_reader;
mod place_reads;
mod places;
mod read_rates;
mod refusal;
mod seats;
pub mod server;
mod state;
mod visitor;
mod visitor_seats;

pub use admin::AdminServer;
pub use config::{GatewayBounds, GatewayConfig};
pub use hostname::{Domain, GatewayUrl, JobHost};
pub use known_line::LINE_STREAMS;
pub use metrics::GatewayMetrics;
pub use server::Gateway;

//! Content of jobs, from the nodes that have it and to the nodes that keep it.
//!
//! A waiting job has no node yet, and its client may be gone when it has one. So the client offers
//! the definition and its inputs to *holders*: the nodes in the order of
//! [`rank_holders`](crate::content::rank_holders), until enough of them have taken everything. The
//! node that takes the job asks the first nodes in the same order. Results go the same way back.
//!
//! | module | purpose |
//! | --- | --- |
//! | `job_content` | which content a job names |
//! | `peers` | connections to nodes |
//! | `content_exchange` | fetches content of a job, and offers it |
//! | `ask_round` | asks several nodes at once |
//! | `ask_failure` | why no node delivered an object |
//! | `job_source` | the same as a source of a store |
//! | `private_content`, `private_source` | the same for private jobs: between client and node only |
//! | `error` | why content cannot be fetched |

mod ask_failure;
mod ask_round;
mod content_exchange;
mod error;
mod job_content;
mod job_source;
mod peers;
mod private_content;
mod private_source;
#[cfg(test)]
mod tests;

pub use content_exchange::{ContentExchange, MAX_CONTENT_BYTES, REPLICAS, Replication};
pub use error::ExchangeError;
pub use job_content::{list_input_content, list_result_content, list_result_parts};
pub use job_source::JobSource;
pub use private_source::PrivateSource;

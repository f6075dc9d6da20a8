//! An HTTP server for one model, with the interface of OpenAI: clients that can be given another
//! base URL work with it.
//!
//! [`ModelServer`] serves a [`ServedModel`] on a listener until it is shut down, and returns what
//! was used. All requests share the batch of the model's
//! [`Generator`](nosana_engine::Generator). `docs/serving.md` has the endpoints, the fields and the
//! bounds.
//!
//! ```no_run
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use nosana_engine::{Device, Generator, ModelStore, SMOLLM2_135M_INSTRUCT};
//! use nosana_serve::{Served, ServedModel, ModelServer};
//! use tokio::net::TcpListener;
//!
//! let file = ModelStore::in_user_cache()?.ensure(&SMOLLM2_135M_INSTRUCT)?;
//! let generator = Generator::load(&file, &Device::open()?)?;
//! let model = ServedModel {
//!     name: SMOLLM2_135M_INSTRUCT.name.to_owned(),
//!     digest: SMOLLM2_135M_INSTRUCT.digest(),
//!     engine: Served::Generator(Arc::new(generator)),
//! };
//!
//! let server = ModelServer::new(model, TcpListener::bind("127.0.0.1:8080").await?);
//! let usage = server.run(async { let _ = tokio::signal::ctrl_c().await; }).await;
//! println!("{} requests, {} tokens", usage.requests, usage.generated_tokens);
//! # Ok(())
//! # }
//! ```
//!
//! | module | purpose |
//! | --- | --- |
//! | `server`, `served` | the server, and the model that it serves |
//! | `connection`, `stalled_reader` | one connection with its bounds |
//! | `routes`, `endpoints` | which function answers which path; one endpoint per file |
//! | `body`, `request` | requests: their size, and what their fields mean |
//! | `submission`, `reporter`, `answers` | hands prompts to the engine, and receives the answers |
//! | `response`, `json_response`, `sse` | responses, whole and as server-sent events |
//! | `state`, `places`, `metrics` | what all requests share: the model, the bounds, the counters |
//! | `error`, `identity` | errors in OpenAI's form; identifiers and seeds |

mod answers;
mod body;
mod connection;
mod endpoints;
mod error;
mod identity;
mod json_response;
mod metrics;
mod places;
mod reporter;
mod request;
mod response;
mod routes;
mod served;
mod server;
mod sse;
mod stalled_reader;
mod state;
mod submission;

pub use metrics::ServerUsage;
pub use served::{Served, ServedModel};
pub use server::ModelServer;

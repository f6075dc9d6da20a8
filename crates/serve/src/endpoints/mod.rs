//! One endpoint per file.
//!
//! | module | path |
//! | --- | --- |
//! | `chat` | `POST /v1/chat/completions` |
//! | `completions` | `POST /v1/completions` |
//! | `embeddings` | `POST /v1/embeddings` |
//! | `models` | `GET /v1/models`, `GET /v1/models/{model}` |
//! | `health` | `GET /health` |
//! | `metrics` | `GET /metrics` |

mod chat;
mod completions;
mod embeddings;
mod health;
mod metrics;
mod models;

pub(crate) use self::{
    chat::create_chat,
    completions::create_completion,
    embeddings::create_embeddings,
    health::show_health,
    metrics::show_metrics,
    models::{list_models, show_model},
};

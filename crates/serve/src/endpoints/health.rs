//! `GET /health`: whether this server answers.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use crate::{
    json_response::respond_json,
    state::{Phase, ServerState},
};

/// Returns whether requests are answered.
///
/// # Specification
/// - 200 while the server accepts requests and the engine works.
/// - 503 `failing` if the last answer failed for a reason that is not its client's, until another
///   one succeeds.
/// - 503 `ending` while the server shuts down.
pub(crate) async fn show_health(State(state): State<Arc<ServerState>>) -> Response {
    let (status, name) = match state.phase() {
        Phase::Serving if state.is_failing() => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
        Phase::Serving => (StatusCode::OK, "ok"),
        Phase::Draining | Phase::Ending => (StatusCode::SERVICE_UNAVAILABLE, "ending"),
    };

    let body = json!({
        "status": name,
        "model": state.model.name,
        "running": state.metrics.running.get(),
        "waiting": state.metrics.waiting.get(),
    });
    respond_json(status, &body)
}

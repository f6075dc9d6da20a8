//! `GET /metrics`: the counters for Prometheus.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::state::ServerState;

/// The format that the library writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns the counters as text.
pub(crate) async fn show_metrics(State(state): State<Arc<ServerState>>) -> Response {
    let mut response = Body::from(state.metrics.encode_text()).into_response();

    let kind = HeaderValue::from_static(OPEN_METRICS);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

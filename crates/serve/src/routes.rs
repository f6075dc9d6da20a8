//! Which function answers which path, and the counting of requests.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{get, post},
};

use crate::{
    body::discard_body,
    endpoints::{
        create_chat, create_completion, create_embeddings, list_models, show_health, show_metrics,
        show_model,
    },
    error::ApiError,
    state::ServerState,
};

/// The status under which a request is counted whose client left before the response.
const CLIENT_LEFT: u16 = 499;

/// Returns the routes.
pub(crate) fn build_router(state: Arc<ServerState>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(create_chat))
        .route("/v1/completions", post(create_completion))
        .route("/v1/embeddings", post(create_embeddings))
        .route("/v1/models", get(list_models))
        // Names of models can have slashes.
        .route("/v1/models/{*model}", get(show_model))
        .route("/health", get(show_health))
        .route("/metrics", get(show_metrics))
        .fallback(refuse_path)
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn_with_state(Arc::clone(&state), count_request))
        .with_state(state)
}

async fn refuse_path(request: Request) -> ApiError {
    let (head, body) = request.into_parts();
    discard_body(body).await;
    ApiError::unknown_path(head.uri.path())
}

async fn refuse_method(request: Request) -> ApiError {
    let (head, body) = request.into_parts();
    discard_body(body).await;
    ApiError::wrong_method(head.method.as_str())
}

/// Counts a request with the status of its response.
async fn count_request(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let endpoint = name_endpoint(request.uri().path());
    let mut outcome = CountedRequest { state, endpoint, status: CLIENT_LEFT };

    let response = next.run(request).await;
    outcome.status = response.status().as_u16();
    response
}

/// A request that is counted when this is dropped.
struct CountedRequest {
    state: Arc<ServerState>,
    endpoint: &'static str,
    status: u16,
}

impl Drop for CountedRequest {
    fn drop(&mut self) {
        let metrics = &self.state.metrics;
        metrics.count_response(self.endpoint, self.status);

        if matches!(self.endpoint, "chat" | "completions" | "embeddings") {
            metrics.count_request();
            if self.status >= 400 && self.status != CLIENT_LEFT {
                metrics.count_failure();
            }
        }
    }
}

/// The endpoint's name in the metrics. Paths of clients are not labels, so that their number is
/// bounded.
fn name_endpoint(path: &str) -> &'static str {
    match path {
        "/v1/chat/completions" => "chat",
        "/v1/completions" => "completions",
        "/v1/embeddings" => "embeddings",
        "/health" => "health",
        "/metrics" => "metrics",
        path if path.starts_with("/v1/models") => "models",
        _ => "other",
    }
}

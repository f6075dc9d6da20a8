//! `GET /v1/models` and `GET /v1/models/{model}`: the model that this server has.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use crate::{error::ApiError, json_response::respond_json, served::Served, state::ServerState};

/// Returns the list of models, which has one.
pub(crate) async fn list_models(State(state): State<Arc<ServerState>>) -> Response {
    let list = json!({ "object": "list", "data": [describe_model(&state)] });
    respond_json(StatusCode::OK, &list)
}

/// Returns the model, if it is named by its name or digest.
pub(crate) async fn show_model(
    State(state): State<Arc<ServerState>>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    match state.model.is_named(&name) {
        true => Ok(respond_json(StatusCode::OK, &describe_model(&state))),
        false => Err(ApiError::model_not_found(&name, &state.model.name)),
    }
}

/// OpenAI's fields, and what clients of a market of nodes compare: the digest and the task.
fn describe_model(state: &ServerState) -> Value {
    let (task, max_tokens) = match &state.model.engine {
        Served::Generator(generator) => ("generation", generator.max_tokens()),
        Served::Embedder(embedder) => ("embedding", embedder.max_tokens()),
    };

    json!({
        "id": state.model.name,
        "object": "model",
        "created": state.started,
        "owned_by": "nosana",
        "digest": state.model.digest.to_string(),
        "task": task,
        "max_model_len": max_tokens,
    })
}

//! `POST /v1/embeddings`: vectors of texts.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use nosana_engine::{Embedder, EngineError, LongText};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::{
    body::read_fields,
    error::ApiError,
    json_response::respond_json,
    request::{EmbeddingRequest, EncodingFormat},
    state::{Phase, ServerState},
};

/// The texts that the model reads in one turn. Requests take turns, so that a long one does not
/// delay the others.
const TURN_TEXTS: usize = 8;

/// Turns texts into vectors of unit length.
///
/// # Specification
/// - A text that is longer than the model reads refuses the request before any text is read.
/// - Requests take turns of eight texts.
/// - A client that leaves, and a server that ends, stop the work before the next text.
pub(crate) async fn create_embeddings(
    State(state): State<Arc<ServerState>>,
    request: Request,
) -> Result<Response, ApiError> {
    let fields = read_fields(request).await?;
    let embedder = Arc::clone(state.model.find_embedder(fields.read_model()?)?);
    let EmbeddingRequest { texts, encoding } = EmbeddingRequest::from_fields(&fields)?;

    let place = state.reserve_places(1)?.pop();
    let (texts, tokens) = count_tokens(&state, Arc::clone(&embedder), texts).await?;

    let mut vectors = Vec::with_capacity(texts.len());
    let mut waiting = place;
    let mut _running = None;
    for turn in texts.chunks(TURN_TEXTS) {
        let _turn = state.embedding.acquire().await.map_err(|_| ApiError::shutting_down())?;
        if let Some(place) = waiting.take() {
            _running = Some(place.start_running());
        }
        vectors.extend(embed_turn(&state, Arc::clone(&embedder), turn.to_vec()).await?);
    }

    state.metrics.count_tokens(tokens, 0);
    let entry = |(index, vector): (usize, &Vec<f32>)| {
        let vector = write_vector(vector, encoding);
        json!({ "object": "embedding", "index": index, "embedding": vector })
    };
    let response = json!({
        "object": "list",
        "data": vectors.iter().enumerate().map(entry).collect::<Vec<_>>(),
        "model": state.model.name,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    });
    Ok(respond_json(StatusCode::OK, &response))
}

/// Returns the texts with the number of their tokens.
async fn count_tokens(
    state: &ServerState,
    embedder: Arc<Embedder>,
    texts: Vec<String>,
) -> Result<(Vec<String>, usize), ApiError> {
    let turns = state.preparation_turns(false);
    let _turn = turns.acquire().await.map_err(|_| ApiError::shutting_down())?;

    let counted = spawn_blocking(move || {
        let room = embedder.max_tokens();
        let mut sum = 0;
        for text in &texts {
            let tokens = embedder.token_ids(text).len();
            if tokens > room {
                let error = EngineError::TooLong { tokens, room };
                return Err(ApiError::from_engine(&error, "input"));
            }
            sum += tokens;
        }
        Ok((texts, sum))
    });
    counted.await.map_err(|_| ApiError::engine_failure())?
}

/// Stops the work on a turn when the request that it belongs to is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns the vectors of the texts of one turn.
async fn embed_turn(
    state: &Arc<ServerState>,
    embedder: Arc<Embedder>,
    texts: Vec<String>,
) -> Result<Vec<Vec<f32>>, ApiError> {
    let guard = StopOnDrop(Arc::default());
    let is_stopped = Arc::clone(&guard.0);
    let watched = Arc::clone(state);

    let embedded = spawn_blocking(move || {
        let may_continue =
            || !is_stopped.load(Ordering::Relaxed) && watched.phase() < Phase::Ending;
        embedder.embed(&texts, LongText::Refuse, may_continue)
    });
    let vectors = embedded.await.map_err(|_| ApiError::engine_failure())?;

    match vectors {
        Ok(vectors) => {
            state.note_success();
            Ok(vectors)
        }
        Err(error) => {
            state.note_failure(&error);
            Err(ApiError::from_engine(&error, "input"))
        }
    }
}

fn write_vector(vector: &[f32], encoding: EncodingFormat) -> Value {
    match encoding {
        EncodingFormat::Float => json!(vector),
        EncodingFormat::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Value::String(STANDARD.encode(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_lists_or_their_bytes() {
        let vector = [1.0, -0.5];
        assert_eq!(write_vector(&vector, EncodingFormat::Float), json!([1.0, -0.5]));
        assert_eq!(write_vector(&vector, EncodingFormat::Base64), json!("AACAPwAAAL8="));
    }
}

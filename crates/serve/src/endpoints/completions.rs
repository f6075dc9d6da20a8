//! `POST /v1/completions`: continuations of texts.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use nosana_engine::Prompt;

use crate::{
    answers::Answers,
    body::read_fields,
    error::ApiError,
    json_response::respond_json,
    request::CompletionRequest,
    response::{CompletionChunks, ResponseHead, completion_response},
    sse::stream_answers,
    state::ServerState,
    submission::AnswerOrder,
};

/// Continues texts.
///
/// # Specification
/// - Each text has an answer of its own, with the text's number as `index`. They share the batch.
/// - A seed differs by the text's number, so that equal texts have different answers.
/// - The texts do not pass through the chat template.
/// - With `stream`, the parts of all answers come in the order in which they are generated.
pub(crate) async fn create_completion(
    State(state): State<Arc<ServerState>>,
    request: Request,
) -> Result<Response, ApiError> {
    let fields = read_fields(request).await?;
    let generator = Arc::clone(state.model.find_generator(fields.read_model()?)?);
    let CompletionRequest { prompts, settings } = CompletionRequest::from_fields(&fields)?;

    let head = ResponseHead::new("cmpl", &state.model);
    let has_logprobs = settings.options.logprobs.is_some();
    let stream = settings.stream;
    let order = AnswerOrder {
        generator,
        prompts: prompts.into_iter().map(Prompt::Text).collect(),
        settings,
        param: "prompt",
    };
    let answers = Answers::start(&state, order).await?;

    match stream {
        Some(options) => {
            let includes_usage = options.include_usage;
            let offsets = vec![0; answers.count()];
            let chunks = CompletionChunks { head, has_logprobs, includes_usage, offsets };
            Ok(stream_answers(state, answers, chunks, includes_usage))
        }
        None => {
            let answers = answers.collect_all().await?;
            Ok(respond_json(StatusCode::OK, &completion_response(&head, &answers, has_logprobs)))
        }
    }
}

//! `POST /v1/chat/completions`: the next message of a chat.

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
    request::ChatRequest,
    response::{ChatChunks, ResponseHead, chat_response},
    sse::stream_answers,
    state::ServerState,
    submission::AnswerOrder,
};

/// Answers the messages of a chat.
///
/// # Specification
/// - The model is checked before the other fields, so that a client learns first that it has the
///   wrong server.
/// - The messages pass through the model's own chat template.
/// - Without a length, an answer has at most 1024 tokens, or as many as fit behind the messages.
/// - With `stream`, errors before the first event have a status; later ones are an event.
pub(crate) async fn create_chat(
    State(state): State<Arc<ServerState>>,
    request: Request,
) -> Result<Response, ApiError> {
    let fields = read_fields(request).await?;
    let generator = Arc::clone(state.model.find_generator(fields.read_model()?)?);
    let ChatRequest { messages, settings } = ChatRequest::from_fields(&fields)?;

    let head = ResponseHead::new("chatcmpl", &state.model);
    let has_logprobs = settings.options.logprobs.is_some();
    let stream = settings.stream;
    let order = AnswerOrder {
        generator,
        prompts: vec![Prompt::Chat(messages)],
        settings,
        param: "messages",
    };
    let answers = Answers::start(&state, order).await?;

    match stream {
        Some(options) => {
            let includes_usage = options.include_usage;
            let chunks = ChatChunks { head, has_logprobs, includes_usage };
            Ok(stream_answers(state, answers, chunks, includes_usage))
        }
        None => {
            let answers = answers.collect_all().await?;
            let answer = answers.first().ok_or_else(ApiError::engine_failure)?;
            Ok(respond_json(StatusCode::OK, &chat_response(&head, answer, has_logprobs)))
        }
    }
}

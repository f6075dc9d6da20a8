//! Errors in OpenAI's form.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use nosana_engine::EngineError;
use serde_json::{Value, json};

use crate::json_response::respond_json;

/// After how many seconds a client may try again if too many requests wait.
const RETRY_SECONDS: u32 = 5;
/// The longest value of a client that an error repeats, in characters.
const MAX_QUOTE_CHARS: usize = 100;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    message: String,
    /// The field that is wrong.
    param: Option<String>,
    /// A name that programs compare.
    code: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code: None }
    }

    const fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The body of a request is wrong as a whole.
    pub(crate) fn invalid_body(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A field has a wrong value.
    pub(crate) fn invalid_field(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// A field would change the answer, and is not supported.
    pub(crate) fn unsupported_field(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_field(param, message).with_code("unsupported_parameter")
    }

    /// The server has another model.
    pub(crate) fn model_not_found(model: &str, served: &str) -> Self {
        let message =
            format!("the model `{}` does not exist here; use `{served}`", quote_text(model));
        let error = Self::new(StatusCode::NOT_FOUND, message).with_code("model_not_found");
        Self { param: Some("model".to_owned()), ..error }
    }

    /// Nothing has this path.
    pub(crate) fn unknown_path(path: &str) -> Self {
        let message = format!(
            "`{}` is not an endpoint; use /v1/chat/completions, /v1/completions, /v1/embeddings, \
             /v1/models, /health or /metrics",
            quote_text(path)
        );
        Self::new(StatusCode::NOT_FOUND, message).with_code("unknown_url")
    }

    /// The path has another method.
    pub(crate) fn wrong_method(method: &str) -> Self {
        let message = format!(
            "this endpoint does not have the method {}; POST answers, GET reads",
            quote_text(method)
        );
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    /// The body is not declared as JSON.
    pub(crate) fn wrong_content_type() -> Self {
        let message = "the body must be JSON; send `Content-Type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// The body is longer than `bytes`.
    pub(crate) fn body_too_large(bytes: usize) -> Self {
        let message = format!("the body has more than {bytes} bytes; send less text");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// The body took too long.
    pub(crate) fn slow_body() -> Self {
        let message = "the body did not arrive in time; send the request again";
        Self::new(StatusCode::REQUEST_TIMEOUT, message)
    }

    /// As many requests wait as may wait.
    pub(crate) fn too_many_requests(limit: usize) -> Self {
        let message =
            format!("{limit} requests wait already; try again in {RETRY_SECONDS} seconds");
        Self::new(StatusCode::TOO_MANY_REQUESTS, message).with_code("rate_limit_exceeded")
    }

    /// The server ends.
    pub(crate) fn shutting_down() -> Self {
        let message = "this server shuts down; send the request to another one";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).with_code("shutting_down")
    }

    /// The client did not read what was generated.
    pub(crate) fn slow_reader() -> Self {
        let message = "the answer was ended because too much of it was not read; read faster";
        Self::new(StatusCode::REQUEST_TIMEOUT, message).with_code("slow_reader")
    }

    /// The engine failed. The field `param` has the texts that it read.
    pub(crate) fn from_engine(error: &EngineError, param: &'static str) -> Self {
        match error {
            EngineError::TooLong { .. } => {
                Self::invalid_field(param, error.to_string()).with_code("context_length_exceeded")
            }
            EngineError::Template(_) => Self::invalid_field(param, error.to_string()),
            EngineError::Format(_) => Self::invalid_field("response_format", error.to_string()),
            EngineError::Stopped => Self::shutting_down(),
            // Others concern this machine: their texts, with its paths, are for its owner.
            _ => {
                tracing::error!("{error}");
                Self::engine_failure()
            }
        }
    }

    /// The engine failed, for a reason that is not the client's.
    pub(crate) fn engine_failure() -> Self {
        let message = "the model failed on this server; try again, or use another server";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The JSON that clients read.
    pub(crate) fn to_json(&self) -> Value {
        let kind = match self.status {
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        };
        let Self { message, param, code, .. } = self;
        json!({ "error": { "message": message, "type": kind, "param": param, "code": code } })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = respond_json(self.status, &self.to_json());

        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
        }
        response
    }
}

/// The beginning of a client's text, as errors repeat it.
pub(crate) fn quote_text(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(MAX_QUOTE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn an_error_has_the_form_of_openai() {
        let error = ApiError::model_not_found("gpt-4", "small");
        let expected = json!({ "error": {
            "message": "the model `gpt-4` does not exist here; use `small`",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        } });
        assert_eq!((error.status, error.to_json()), (StatusCode::NOT_FOUND, expected));
    }

    #[test]
    fn a_full_queue_says_when_to_try_again() {
        let response = ApiError::too_many_requests(256).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "5");
        assert_eq!(ApiError::slow_body().into_response().headers().get("retry-after"), None);
    }

    #[test]
    fn failures_of_the_engine_are_the_clients_or_the_servers() {
        let long = EngineError::TooLong { tokens: 9_000, room: 8_000 };
        let error = ApiError::from_engine(&long, "messages");
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
        assert_eq!(error.to_json()["error"]["code"], "context_length_exceeded");
        assert_eq!(error.to_json()["error"]["param"], "messages");

        let format = ApiError::from_engine(&EngineError::Format("x".into()), "messages");
        assert_eq!(format.to_json()["error"]["param"], "response_format");

        let path = PathBuf::from("/home/owner/model.gguf");
        let weights = EngineError::Weights { path, problem: "x".into() };
        let error = ApiError::from_engine(&weights, "messages");
        assert_eq!(error.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!error.to_json().to_string().contains("owner"), "paths stay on the machine");
    }

    #[test]
    fn long_and_odd_texts_are_repeated_in_part() {
        assert_eq!(quote_text("a\nb\u{7}c"), "abc");
        assert_eq!(quote_text(&"é".repeat(500)).chars().count(), 100);
    }
}

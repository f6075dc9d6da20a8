//! Reads the bodies of requests, of bounded size and in bounded time.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    extract::Request,
    http::{HeaderMap, header},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{error::ApiError, request::Fields};

/// The largest body.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes that are read of a body that is refused.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;
/// How long that may take.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the fields of a request.
///
/// # Errors
/// If the body is not JSON, too large, or does not arrive in time.
pub(crate) async fn read_fields(request: Request) -> Result<Fields, ApiError> {
    let (head, body) = request.into_parts();

    // A page of another origin can send other types from a browser without asking the server.
    if !is_json(&head.headers) {
        discard_body(body).await;
        return Err(ApiError::wrong_content_type());
    }
    if announced_bytes(&head.headers).is_some_and(|bytes| bytes > MAX_BODY_BYTES as u64) {
        discard_body(body).await;
        return Err(ApiError::body_too_large(MAX_BODY_BYTES));
    }

    let bytes = read_body(body, BODY_TIMEOUT).await?;
    Fields::parse(&bytes)
}

/// Reads a body that is refused, as far as that is cheap: a client whose connection ends while it
/// sends does not read the response.
pub(crate) async fn discard_body(body: Body) {
    discard_parts(body.into_data_stream()).await;
}

async fn discard_parts(mut parts: BodyDataStream) {
    let discard = async {
        let mut count = 0;
        while let Some(Ok(part)) = parts.next().await
            && count < MAX_DISCARDED_BYTES
        {
            count += part.len();
        }
    };

    // A client that is too slow for this loses the response.
    let _ = timeout(DISCARD_TIMEOUT, discard).await;
}

async fn read_body(body: Body, limit: Duration) -> Result<Vec<u8>, ApiError> {
    timeout(limit, collect_parts(body)).await.map_err(|_| ApiError::slow_body())?
}

async fn collect_parts(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut parts = body.into_data_stream();
    let mut bytes = Vec::new();

    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| ApiError::invalid_body("the body was cut off"))?;
        if bytes.len() + part.len() > MAX_BODY_BYTES {
            discard_parts(parts).await;
            return Err(ApiError::body_too_large(MAX_BODY_BYTES));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// Whether the body is declared as JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The length that the client announces.
fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, StatusCode};

    use super::*;

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<Fields, ApiError> {
        let request = Request::builder().method(Method::POST);
        let request = request.header(header::CONTENT_TYPE, content_type);
        read_fields(request.body(body.into()).unwrap()).await
    }

    #[tokio::test]
    async fn a_body_must_be_json_of_bounded_size() {
        let json = "application/json; charset=utf-8";
        assert!(read(json, "{\"model\": \"m\"}").await.is_ok());

        let status = |result: Result<Fields, ApiError>| result.err().unwrap().status;
        assert_eq!(
            status(read("text/plain", "{}").await),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "what a page can send to another origin without its consent is refused"
        );
        assert_eq!(status(read(json, "{").await), StatusCode::BAD_REQUEST);
        let long = " ".repeat(MAX_BODY_BYTES + 1);
        assert_eq!(status(read(json, long).await), StatusCode::PAYLOAD_TOO_LARGE);
        let mut full = " ".repeat(MAX_BODY_BYTES - 2);
        full.push_str("{}");
        assert!(read(json, full).await.is_ok());
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_refused() {
        let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, String>>());
        let error = read_body(never, Duration::from_millis(5)).await.unwrap_err();
        assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
    }
}

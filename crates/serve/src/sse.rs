//! Answers that are sent while they are generated, as server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    answers::{AnswerStep, Answers},
    error::ApiError,
    response::{AnswerChunks, usage_json},
    state::ServerState,
};

/// How often a comment is sent while an answer waits, so that proxies keep the connection and a
/// client that left is noticed.
const COMMENT_INTERVAL: Duration = Duration::from_secs(10);

/// Returns the response that sends answers while they are generated.
pub(crate) fn stream_answers(
    state: Arc<ServerState>,
    answers: Answers,
    chunks: impl AnswerChunks,
    include_usage: bool,
) -> Response {
    let mut events = EventStream {
        state,
        missing: answers.count(),
        answers: Some(answers),
        ready: VecDeque::new(),
        prompt_tokens: 0,
        answer_tokens: 0,
        include_usage,
        chunks,
    };
    events.ready.extend(events.chunks.opening_chunk().map(|chunk| write_event(&chunk)));

    let parts = stream::unfold(events, async |mut events| {
        let part = events.next_part().await?;
        Some((Ok::<_, Infallible>(part), events))
    });
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The events of a response.
struct EventStream<C> {
    state: Arc<ServerState>,
    /// `None` once all answers ended, or one failed.
    answers: Option<Answers>,
    /// Events that were not sent.
    ready: VecDeque<Bytes>,
    /// The answers that did not end.
    missing: usize,
    prompt_tokens: usize,
    answer_tokens: usize,
    include_usage: bool,
    chunks: C,
}

impl<C: AnswerChunks> EventStream<C> {
    /// Waits for the next event.
    async fn next_part(&mut self) -> Option<Bytes> {
        if let Some(part) = self.ready.pop_front() {
            return Some(part);
        }

        let step = timeout(COMMENT_INTERVAL, self.answers.as_mut()?.next_step()).await;
        match step {
            Err(_) => return Some(Bytes::from_static(b": waiting\n\n")),
            Ok(Ok((index, AnswerStep::Progress(progress)))) => {
                let chunk = self.chunks.progress_chunk(index, progress);
                self.ready.push_back(write_event(&chunk));
            }
            Ok(Ok((index, AnswerStep::End(answer)))) => {
                self.prompt_tokens += answer.prompt_tokens;
                self.answer_tokens += answer.token_ids.len();
                let chunk = self.chunks.end_chunk(index, answer.end);
                self.ready.push_back(write_event(&chunk));
                self.end_one();
            }
            Ok(Err(error)) => self.end_with_error(&error),
        }
        self.ready.pop_front()
    }

    /// Notes the end of one answer, and ends the events after the last one.
    fn end_one(&mut self) {
        self.missing = self.missing.saturating_sub(1);
        if self.missing > 0 {
            return;
        }

        self.answers = None;
        if self.include_usage {
            let usage = usage_json(self.prompt_tokens, self.answer_tokens);
            self.ready.push_back(write_event(&self.chunks.usage_chunk(usage)));
        }
        self.ready.push_back(Bytes::from_static(b"data: [DONE]\n\n"));
    }

    /// Ends the events. The status of the response was sent already.
    fn end_with_error(&mut self, error: &ApiError) {
        self.answers = None;
        self.state.metrics.count_failed_stream();
        self.ready.push_back(write_event(&error.to_json()));
    }
}

/// Writes an event. JSON on one line has no line breaks, which would end the event.
fn write_event(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

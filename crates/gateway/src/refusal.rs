//! Responses of the gateway itself: what happened, as plain text.

use std::fmt::Display;

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::{
    Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS},
};
use nosana_net::job::{JobError, RefusalReason};
use solana_address::Address;

use crate::body::GatewayBody;

/// When a visitor may try again, in seconds.
const RETRY_SECONDS: u16 = 5;

/// How a request ended, as the metrics count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// The job's response was returned, whatever its status.
    Answered,
    /// A WebSocket was opened.
    WebSocket,
    /// The gateway's own health was requested.
    Health,
    UnknownHost,
    UnknownJob,
    NotRunning,
    Ended,
    NotPublic,
    NotReady,
    Unreachable,
    TimedOut,
    TooLarge,
    TooMany,
    Busy,
    Malformed,
}

impl Outcome {
    /// The label of the metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::WebSocket => "websocket",
            Self::Health => "health",
            Self::UnknownHost => "unknown_host",
            Self::UnknownJob => "unknown_job",
            Self::NotRunning => "not_running",
            Self::Ended => "ended",
            Self::NotPublic => "not_public",
            Self::NotReady => "not_ready",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Busy => "busy",
            Self::Malformed => "malformed",
        }
    }
}

/// A request that does not get a job's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub outcome: Outcome,
    status: StatusCode,
    may_retry: bool,
    text: String,
}

impl Refusal {
    fn new(outcome: Outcome, status: StatusCode, text: impl Into<String>) -> Self {
        Self { outcome, status, may_retry: false, text: text.into() }
    }

    /// 503, with the time after which the same may succeed.
    pub(crate) fn retry_later(outcome: Outcome, text: impl Into<String>) -> Self {
        let refusal = Self::new(outcome, StatusCode::SERVICE_UNAVAILABLE, text);
        Self { may_retry: true, ..refusal }
    }

    pub(crate) fn malformed(text: &str) -> Self {
        Self::new(Outcome::Malformed, StatusCode::BAD_REQUEST, text)
    }

    pub(crate) fn wrong_method() -> Self {
        let text = "this is a gateway to jobs, not a proxy";
        Self::new(Outcome::Malformed, StatusCode::METHOD_NOT_ALLOWED, text)
    }

    pub(crate) fn unknown_host() -> Self {
        let text = "this name is not one of a job and a port; `nosana gateway url` prints them";
        Self::new(Outcome::UnknownHost, StatusCode::NOT_FOUND, text)
    }

    pub(crate) fn unknown_job(job: &Address) -> Self {
        let text =
            format!("the job {job} does not exist: it was never listed, or is closed already");
        Self::new(Outcome::UnknownJob, StatusCode::NOT_FOUND, text)
    }

    pub(crate) fn ended(job: &Address) -> Self {
        Self::new(Outcome::Ended, StatusCode::NOT_FOUND, format!("the job {job} has ended"))
    }

    pub(crate) fn not_running(job: &Address) -> Self {
        Self::retry_later(Outcome::NotRunning, format!("the job {job} does not run yet"))
    }

    pub(crate) fn unreachable(job: &Address, problem: impl Display) -> Self {
        let text = format!("the node of the job {job} cannot be reached: {problem}");
        Self::new(Outcome::Unreachable, StatusCode::BAD_GATEWAY, text)
    }

    pub(crate) fn broken(problem: impl Display) -> Self {
        let text = format!("the job does not answer with valid HTTP, or broke off: {problem}");
        Self::new(Outcome::Unreachable, StatusCode::BAD_GATEWAY, text)
    }

    pub(crate) fn timed_out() -> Self {
        let text = "no byte arrived for too long";
        Self::new(Outcome::TimedOut, StatusCode::GATEWAY_TIMEOUT, text)
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let text = format!("the body has more than the {limit} bytes that this gateway forwards");
        Self::new(Outcome::TooLarge, StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    pub(crate) fn too_many_of_visitor() -> Self {
        let text = "too many requests of yours at once";
        let refusal = Self::new(Outcome::TooMany, StatusCode::TOO_MANY_REQUESTS, text);
        Self { may_retry: true, ..refusal }
    }

    pub(crate) fn too_many_jobs_of_visitor() -> Self {
        let text = "too many names of jobs of yours within seconds";
        let refusal = Self::new(Outcome::TooMany, StatusCode::TOO_MANY_REQUESTS, text);
        Self { may_retry: true, ..refusal }
    }

    pub(crate) fn too_many_jobs() -> Self {
        Self::retry_later(Outcome::Busy, "too many jobs are looked up at once")
    }

    /// All ways to the node are in use.
    pub(crate) fn no_line() -> Self {
        Self::retry_later(Outcome::Busy, "too many visitors of this node at once")
    }

    pub(crate) fn too_slow() -> Self {
        let text = "the body of the request arrives too slowly";
        Self::new(Outcome::TimedOut, StatusCode::REQUEST_TIMEOUT, text)
    }

    pub(crate) fn too_many_of_job() -> Self {
        Self::retry_later(Outcome::TooMany, "too many visitors of this job at once")
    }

    /// What a failure to open a port means to a visitor.
    pub(crate) fn of_port(job: &Address, port: u16, error: &JobError) -> Self {
        let JobError::Refused { reason, .. } = error else {
            return Self::unreachable(job, error);
        };

        match reason {
            RefusalReason::NotPublic | RefusalReason::NotExposed => Self::new(
                Outcome::NotPublic,
                StatusCode::NOT_FOUND,
                format!("the job {job} has no public port {port}"),
            ),
            RefusalReason::NotRunning => Self::not_running(job),
            RefusalReason::Ended => Self::ended(job),
            RefusalReason::NotListening => {
                Self::retry_later(Outcome::NotReady, format!("nothing answers on port {port} yet"))
            }
            RefusalReason::Busy => Self::retry_later(Outcome::Busy, "the node is busy"),
            // Nodes of an earlier version know no visitors.
            _ => Self::unreachable(job, error),
        }
    }

    pub(crate) fn into_response(self) -> Response<GatewayBody> {
        let text = Bytes::from(self.text + "\n");
        let mut response = Response::new(Either::Left(Full::new(text)));
        *response.status_mut() = self.status;

        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.may_retry {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
        }
        response
    }

    /// The whole response, for a connection whose request is not read.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let Self { status, text, .. } = self;
        let length = text.len() + 1;
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {length}\r\nRetry-After: {RETRY_SECONDS}\r\nConnection: close\r\n\
             Cache-Control: no-store\r\n\r\n{text}\n"
        )
        .into_bytes()
    }
}

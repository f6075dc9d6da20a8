//! Sends a request to the job, and returns the response.

use std::{error::Error, io, sync::Arc};

use bytes::Bytes;
use http_body_util::{Either, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode, Uri, Version,
    body::{Body, Incoming},
    client::conn::http1,
    header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING},
    http::{request, uri::PathAndQuery},
    upgrade::{OnUpgrade, on as on_upgrade},
};
use hyper_util::rt::TokioIo;
use nosana_net::forward::PortStream;
use tokio::io::copy_bidirectional;

use crate::{
    body::{GatewayBody, JobBody, TakenSeats, VisitorBody},
    headers::{is_websocket, rewrite_request, rewrite_response},
    idle_guard::IdleGuard,
    pace::TooSlow,
    refusal::{Outcome, Refusal},
    state::{MAX_BUFFER_BYTES, PeerConnection},
    visitor::Visitor,
};

/// The most headers of a response.
const MAX_HEADERS: usize = 200;

/// A request for a job, and what it takes.
#[derive(Debug)]
pub(crate) struct JobRequest {
    pub request: Request<Incoming>,
    pub host: HeaderValue,
    pub visitor: Visitor,
    pub seats: Arc<TakenSeats>,
}

/// Sends the request on its own connection to the job. The response is returned when its head has
/// arrived; its body follows as the job sends it.
pub(crate) async fn forward_request(
    connection: &PeerConnection,
    stream: PortStream,
    job_request: JobRequest,
) -> Result<(Outcome, Response<GatewayBody>), Refusal> {
    let JobRequest { mut request, host, visitor, seats } = job_request;
    let bounds = connection.state.config.bounds;
    let is_websocket = is_websocket(request.method(), request.version(), request.headers());
    let visitor_side = is_websocket.then(|| on_upgrade(&mut request));

    let (mut head, body) = request.into_parts();
    rewrite_head(&mut head, &host, visitor, is_websocket)?;
    set_framing(&mut head, &body);
    let limit = usize::try_from(bounds.body_bytes).unwrap_or(usize::MAX);
    let body = VisitorBody::new(body, Arc::clone(&seats));
    let request = Request::from_parts(head, Limited::new(body, limit));

    let io = TokioIo::new(IdleGuard::new(stream, bounds.idle_timeout));
    let (mut sender, job_connection) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER_BYTES)
        .handshake(io)
        .await
        .map_err(Refusal::broken)?;
    // It ends with the response, or when the visitor is gone.
    tokio::spawn(job_connection.with_upgrades());

    let sent = sender.send_request(request).await;
    let mut response = sent.map_err(|error| explain_failure(&error, bounds.body_bytes))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let (mut head, body) = response.into_parts();
        rewrite_response(&mut head.headers, false);
        head.version = Version::HTTP_11;
        let body = JobBody::new(body, seats);
        return Ok((Outcome::Answered, Response::from_parts(head, Either::Right(body))));
    }

    let Some(visitor_side) = visitor_side else {
        return Err(Refusal::broken("it changes the protocol, which nobody requested"));
    };
    let job_side = on_upgrade(&mut response);
    tokio::spawn(tunnel_websocket(connection.clone(), visitor_side, job_side, seats));

    let (mut head, _) = response.into_parts();
    rewrite_response(&mut head.headers, true);
    head.version = Version::HTTP_11;
    let response = Response::from_parts(head, Either::Left(Full::new(Bytes::new())));
    Ok((Outcome::WebSocket, response))
}

fn rewrite_head(
    head: &mut request::Parts,
    host: &HeaderValue,
    visitor: Visitor,
    is_websocket: bool,
) -> Result<(), Refusal> {
    let path = head.uri.path_and_query().cloned();
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::builder()
        .path_and_query(path)
        .build()
        .map_err(|_| Refusal::malformed("the target of the request is not valid"))?;

    head.version = Version::HTTP_11;
    head.extensions.clear();
    rewrite_request(&mut head.headers, host, visitor, is_websocket);
    Ok(())
}

/// Says that a body of unknown length follows. For a `GET`, hyper would drop it.
fn set_framing(head: &mut request::Parts, body: &Incoming) {
    if !body.is_end_stream() && !head.headers.contains_key(CONTENT_LENGTH) {
        head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// Copies until both sides have ended, or one breaks. Until then the connection is counted.
async fn tunnel_websocket(
    connection: PeerConnection,
    visitor_side: OnUpgrade,
    job_side: OnUpgrade,
    _seats: Arc<TakenSeats>,
) {
    let _open = connection.state.metrics.open_tunnel();

    let copied = async {
        let (visitor, job) = tokio::try_join!(visitor_side, job_side).map_err(io::Error::other)?;
        copy_bidirectional(&mut TokioIo::new(visitor), &mut TokioIo::new(job)).await
    };
    if let Err(error) = copied.await {
        tracing::debug!(%error, "a WebSocket broke");
    }
}

/// What a failure means before the head of the response.
fn explain_failure(error: &hyper::Error, body_limit: u64) -> Refusal {
    let causes = || std::iter::successors(error.source(), |error| (*error).source());

    if causes().any(|cause| cause.is::<LengthLimitError>()) {
        return Refusal::too_large(body_limit);
    }
    if causes().any(|cause| cause.is::<TooSlow>()) {
        return Refusal::too_slow();
    }
    let is_timeout = causes().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    });
    if is_timeout { Refusal::timed_out() } else { Refusal::broken(error) }
}

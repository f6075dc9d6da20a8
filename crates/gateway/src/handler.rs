//! One request: from its host to the node.

use std::sync::Arc;

use http_body_util::{Either, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{HOST, HeaderValue},
};

use crate::{
    body::{GatewayBody, TakenSeats},
    forward::{JobRequest, forward_request},
    hostname::HostTarget,
    refusal::{Outcome, Refusal},
    state::PeerConnection,
    visitor::Visitor,
};

const HEALTH_PATH: &str = "/health";

/// Answers one request.
pub(crate) async fn answer_request(
    connection: PeerConnection,
    request: Request<Incoming>,
) -> Response<GatewayBody> {
    let (outcome, response) = match serve_request(&connection, request).await {
        Ok(answered) => answered,
        Err(refusal) => (refusal.outcome, refusal.into_response()),
    };

    connection.state.metrics.count_request(outcome);
    response
}

async fn serve_request(
    connection: &PeerConnection,
    request: Request<Incoming>,
) -> Result<(Outcome, Response<GatewayBody>), Refusal> {
    let state = &connection.state;
    let host = find_host(&request)?;
    let target = match state.config.domain.find_target(host.to_str().unwrap_or_default()) {
        HostTarget::Job(target) => target,
        HostTarget::Domain if request.uri().path() == HEALTH_PATH => {
            let response = Response::new(Either::Left(Full::from("ok\n")));
            return Ok((Outcome::Health, response));
        }
        HostTarget::Domain | HostTarget::Unknown => return Err(Refusal::unknown_host()),
    };

    let is_trusted = state.is_trusted(connection.peer);
    let visitor = Visitor::of_request(request.headers(), connection.peer, is_trusted);
    state.check_length(&request)?;
    let request_seats = state.admit_request(connection.peer, visitor, target).await?;

    let (stream, line) = state.open_port(target, visitor.ip).await?;
    let seats = Arc::new(TakenSeats { _request: request_seats, _line: line });
    let job_request = JobRequest { request, host, visitor, seats };
    forward_request(connection, stream, job_request).await
}

/// The host that the request is for. Two would be one for each of two readers.
fn find_host(request: &Request<Incoming>) -> Result<HeaderValue, Refusal> {
    if [Method::CONNECT, Method::TRACE].contains(request.method()) {
        return Err(Refusal::wrong_method());
    }
    let mut named = request.headers().get_all(HOST).iter();
    let (first, second) = (named.next(), named.next());
    let (Some(host), None) = (first, second) else {
        return Err(Refusal::malformed("the request has no host, or more than one"));
    };

    // The target may name the host, too, as for a proxy.
    match request.uri().authority() {
        Some(authority)
            if !authority.as_str().eq_ignore_ascii_case(host.to_str().unwrap_or("")) =>
        {
            Err(Refusal::malformed("the target and the host of the request differ"))
        }
        _ => Ok(host.clone()),
    }
}

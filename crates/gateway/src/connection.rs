//! One connection with its bounds.

use std::{convert::Infallible, pin::Pin, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

use crate::{
    handler::answer_request,
    idle_guard::IdleGuard,
    state::{MAX_BUFFER_BYTES, PeerConnection},
};

/// The most headers of a request.
const MAX_HEADERS: usize = 100;
/// The largest head of a request, in bytes. Cookies of several applications fit.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// How long a visitor may go on sending after the last response, and how much. Without that, the
/// response would be lost where a body is refused.
const LINGER_TIME: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 16 * 1024 * 1024;
/// A visitor's connection may be idle for longer than a job: reading the chain and dialing a node,
/// both twice if the job has moved, take up to 120 s, and then the visitor gets a response.
const GRACE_TIME: Duration = Duration::from_secs(120);
/// The waits for bounds that come to that: of the visitor and the job, and of both nodes.
const WAITS: u32 = 3;

/// Serves the requests of a connection, until the visitor leaves or the gateway ends.
pub(crate) async fn serve_connection(
    peer: PeerConnection,
    stream: TcpStream,
    mut stopped: watch::Receiver<bool>,
) {
    let bounds = peer.state.config.bounds;
    // Events and WebSockets send small packets, each at once.
    let _ = stream.set_nodelay(true);
    let grace_time = GRACE_TIME + bounds.wait_timeout * WAITS;
    let guarded = IdleGuard::new(stream, bounds.idle_timeout + grace_time);

    let service = service_fn(move |request: Request<Incoming>| {
        let connection = peer.clone();
        async move { Ok::<_, Infallible>(answer_request(connection, request).await) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_timeout)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_BUFFER_BYTES)
        .serve_connection(TokioIo::new(guarded), service)
        .with_upgrades();

    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    let is_body_broken = ended.as_ref().is_err_and(|error| error.is_user());
    if let Err(error) = &ended {
        tracing::debug!(%error, "a connection ended");
    }

    // A WebSocket has taken the connection away.
    let Some(parts) = connection.into_parts() else { return };
    let stream = parts.io.into_inner();
    if is_body_broken {
        // Readers of HTTP/1.0 would take an end for the end of the body. The system may refuse.
        let _ = stream.get_ref().set_zero_linger();
    } else {
        drain_visitor(stream).await;
    }
}

/// Reads what a visitor still sends, so that it gets the response that it has not read yet.
async fn drain_visitor(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let drain = async {
        stream.shutdown().await?;
        let mut part = vec![0; MAX_BUFFER_BYTES];
        let mut drained: usize = 0;

        while drained < LINGER_BYTES {
            match stream.read(&mut part).await? {
                0 => break,
                count => drained += count,
            }
        }
        std::io::Result::Ok(())
    };
    // A visitor who is gone needs no response.
    let _ = timeout(LINGER_TIME, drain).await;
}

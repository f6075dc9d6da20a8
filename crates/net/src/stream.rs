//! Messages on a stream: 4 bytes with the length, little-endian, then as many bytes.

use std::time::Duration;

use iroh::endpoint::{Connection, ReadExactError, RecvStream, SendStream, VarInt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::WireError;

/// The largest message that is read. Blocks and logs have bounds of their own.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4_096;

/// The code with which a stream is canceled whose permission ended, or whose other end is broken.
pub(crate) const CUT_OFF: VarInt = VarInt::from_u32(5);

/// The bytes that a peer may send on one stream before they are read: 40 MB/s at 50 ms.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 2 * 1024 * 1024;

/// The same on all streams of a connection, once the peer may use it. A few readers that are stuck
/// do not stop the others.
pub(crate) const TRUSTED_WINDOW_BYTES: u32 = 64 * 1024 * 1024;

/// The same for a visitor's connection: anyone may be one.
const VISITOR_WINDOW_BYTES: u32 = 32 * 1024 * 1024;

/// How many streams of a visitor's connection may wait for a service that does not read. Half of
/// the window is left to the others: with all of it taken, no stream could even be opened.
pub(crate) const MAX_STALLED_STREAMS: usize =
    (VISITOR_WINDOW_BYTES / STREAM_WINDOW_BYTES / 2) as usize;

/// Lets a visitor send more.
pub(crate) fn widen_visitor_window(connection: &Connection) {
    connection.set_receive_window(VarInt::from_u32(VISITOR_WINDOW_BYTES));
}

/// Lets a peer that has been admitted send more. Anyone can connect, so at first little is
/// buffered for each connection.
pub(crate) fn widen_window(connection: &Connection) {
    connection.set_receive_window(VarInt::from_u32(TRUSTED_WINDOW_BYTES));
}

/// The code with which a connection is closed whose peer does nothing that it may do.
pub(crate) const IDLE: VarInt = VarInt::from_u32(6);

/// The next stream of a peer. If none comes until `deadline`, closes the connection: anyone can
/// connect, and connections are bounded.
pub(crate) async fn accept_stream(
    connection: &Connection,
    deadline: Option<Instant>,
) -> Option<(SendStream, RecvStream)> {
    let Some(deadline) = deadline else { return connection.accept_bi().await.ok() };

    match timeout_at(deadline, connection.accept_bi()).await {
        Ok(accepted) => accepted.ok(),
        Err(_) => {
            connection.close(IDLE, b"idle");
            None
        }
    }
}

/// A failure of a stream. The connection may be good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The connection was lost, or the peer canceled the stream.
    #[error("the connection was lost: {0}; try again")]
    Lost(String),
    /// The peer sent nothing, or read nothing, for too long.
    #[error("the peer did not {action} within {seconds} s; try another one")]
    Timeout {
        /// What was expected of it, as a verb.
        action: &'static str,
        /// The time, in seconds.
        seconds: u64,
    },
    /// The peer ended the stream in the middle of a message.
    #[error("the peer ended the stream too early; try again, or try another one")]
    Ended,
    /// A message is larger than the protocol allows.
    #[error("the peer sent a message of {bytes} bytes, more than the {limit} that are allowed")]
    TooLarge {
        /// The announced size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A message does not have the documented form.
    #[error("the peer sent an invalid message: {0}; it may have a newer version")]
    Malformed(#[from] WireError),
}

/// Writes a message. `limit` is the time in which the peer must make room for it.
pub(crate) async fn write_message(
    send: &mut SendStream,
    body: &[u8],
    limit: Duration,
) -> Result<(), StreamError> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    let write = async {
        send.write_all(&length).await?;
        send.write_all(body).await
    };

    let written = within(limit, "read", write).await?;
    written.map_err(lost)
}

/// Reads a message of at most `max_bytes`, which is checked before anything is allocated.
pub(crate) async fn read_message(
    recv: &mut RecvStream,
    max_bytes: usize,
    limit: Duration,
) -> Result<Vec<u8>, StreamError> {
    let read = async {
        let mut length = [0; 4];
        recv.read_exact(&mut length).await.map_err(read_error)?;
        let length = u32::from_le_bytes(length);

        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if size > max_bytes {
            return Err(StreamError::TooLarge { bytes: length.into(), limit: max_bytes as u64 });
        }

        let mut body = vec![0; size];
        recv.read_exact(&mut body).await.map_err(read_error)?;
        Ok(body)
    };
    within(limit, "send a complete message", read).await?
}

/// Whether the peer has ended the stream. A further byte is an excess.
pub(crate) async fn is_at_end(recv: &mut RecvStream, limit: Duration) -> Result<bool, StreamError> {
    let mut byte = [0];
    let read = within(limit, "end its stream", recv.read(&mut byte)).await?;

    read.map(|count| count.is_none()).map_err(lost)
}

pub(crate) async fn within<T>(
    limit: Duration,
    action: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, StreamError> {
    timeout(limit, work)
        .await
        .map_err(|_| StreamError::Timeout { action, seconds: limit.as_secs() })
}

pub(crate) fn lost(error: impl std::fmt::Display) -> StreamError {
    StreamError::Lost(error.to_string())
}

fn read_error(error: ReadExactError) -> StreamError {
    match error {
        ReadExactError::FinishedEarly(_) => StreamError::Ended,
        ReadExactError::ReadError(error) => lost(error),
    }
}

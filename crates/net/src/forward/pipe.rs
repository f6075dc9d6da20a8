//! Copies between a TCP connection and a stream.

use std::future::Future;
use std::io;

use bytes::BytesMut;
use iroh::endpoint::{RecvStream, SendStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use crate::StreamError;
use crate::stream::{CUT_OFF, lost};

/// The bytes that are read at once, from either side.
const CHUNK_BYTES: usize = 128 * 1024;
/// A new buffer is used when less room is left.
const MIN_ROOM_BYTES: usize = 16 * 1024;

/// Copies in both directions until both have ended, one breaks, or `until` ends.
pub(crate) async fn pipe_tcp(
    tcp: TcpStream,
    send: SendStream,
    recv: RecvStream,
    until: impl Future<Output = ()>,
) -> Result<(), StreamError> {
    let mut pipe = Pipe { tcp, send, recv, is_complete: false };
    // Interactive protocols send small packets and wait.
    pipe.tcp.set_nodelay(true).map_err(tcp_error)?;

    tokio::select! {
        copied = pipe.copy_both() => copied?,
        () = until => return Err(StreamError::Lost("the permission ended".into())),
    }
    pipe.is_complete = true;
    Ok(())
}

/// Both sides. If it is dropped before both directions have ended, for whatever reason, both sides
/// are reset: by default, dropping them would look like an end.
struct Pipe {
    tcp: TcpStream,
    send: SendStream,
    recv: RecvStream,
    is_complete: bool,
}

impl Pipe {
    async fn copy_both(&mut self) -> Result<(), StreamError> {
        let (read, write) = self.tcp.split();

        tokio::try_join!(copy_up(read, &mut self.send), copy_down(&mut self.recv, write))?;
        Ok(())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        if !self.is_complete {
            // They fail if that direction has ended already.
            let _ = self.send.reset(CUT_OFF);
            let _ = self.recv.stop(CUT_OFF);
            let _ = self.tcp.set_zero_linger();
        }
    }
}

async fn copy_up(mut tcp: ReadHalf<'_>, send: &mut SendStream) -> Result<(), StreamError> {
    let mut buffer = BytesMut::with_capacity(CHUNK_BYTES);
    let mut stopped = std::pin::pin!(send.stopped());

    loop {
        let count = tokio::select! {
            read = tcp.read_buf(&mut buffer) => read.map_err(tcp_error)?,
            // The other side wants no more bytes: its connection is broken.
            _ = &mut stopped => {
                return Err(StreamError::Lost("the other side broke the connection".into()));
            }
        };
        if count == 0 {
            return send.finish().map_err(lost);
        }

        send.write_chunk(buffer.split().freeze()).await.map_err(lost)?;
        if buffer.capacity() < MIN_ROOM_BYTES {
            buffer.reserve(CHUNK_BYTES);
        }
    }
}

async fn copy_down(recv: &mut RecvStream, mut tcp: WriteHalf<'_>) -> Result<(), StreamError> {
    // Chunks of a stream have the size of a packet. Copying many of them into a buffer costs less
    // than a system call for each.
    let mut buffer = vec![0; CHUNK_BYTES];

    while let Some(count) = recv.read(&mut buffer).await.map_err(lost)? {
        tcp.write_all(buffer.get(..count).unwrap_or_default()).await.map_err(tcp_error)?;
    }
    tcp.shutdown().await.map_err(tcp_error)
}

fn tcp_error(error: io::Error) -> StreamError {
    StreamError::Lost(format!("the TCP connection failed: {error}"))
}

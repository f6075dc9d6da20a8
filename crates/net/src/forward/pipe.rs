//! Copies between a TCP connection and a stream.

use std::future::{Future, pending};
use std::io;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::FutureExt;
use iroh::endpoint::{RecvStream, SendStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::watch::{PipeBounds, Progress};
use crate::StreamError;
use crate::stream::{CUT_OFF, lost};

/// The bytes that are read at once, from either side.
const CHUNK_BYTES: usize = 128 * 1024;
/// A new buffer is used when less room is left.
const MIN_ROOM_BYTES: usize = 16 * 1024;
/// A read of so many bytes has a full packet: the connection is busy, and brings more soon. Fewer
/// bytes go on at once, so that a keystroke does not wait for other tasks.
const BUSY_READ_BYTES: usize = 1_024;
/// A write of so many bytes costs little more than their copy.
const FULL_WRITE_BYTES: usize = 64 * 1024;
/// How many turns of other tasks a write waits for more bytes at most.
const MAX_TURNS: usize = 4;
/// How long what a TCP connection sent before it broke may take to the other side: a server that
/// refuses a body answers and closes without having read it.
const REST_TIME: Duration = Duration::from_secs(1);

/// Copies in both directions until both have ended, one breaks, or `until` ends. Visitors have
/// bounds.
pub(crate) async fn pipe_tcp(
    tcp: TcpStream,
    send: SendStream,
    recv: RecvStream,
    bounds: Option<PipeBounds>,
    until: impl Future<Output = ()>,
) -> Result<(), StreamError> {
    let mut pipe = Pipe { tcp, send, recv, is_complete: false };
    let progress = Progress::default();
    // Interactive protocols send small packets and wait.
    pipe.tcp.set_nodelay(true).map_err(tcp_error)?;

    let idle = async {
        match &bounds {
            Some(bounds) => progress.wait_until_idle(bounds).await,
            None => pending().await,
        }
    };
    tokio::select! {
        copied = pipe.copy_both(bounds.as_ref(), &progress) => copied?,
        seconds = idle => {
            return Err(StreamError::Timeout { action: "use its connection", seconds });
        }
        () = until => return Err(StreamError::Lost("the permission or the job ended".into())),
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

/// Which side broke.
enum Broken {
    Tcp(StreamError),
    Stream(StreamError),
}

impl Pipe {
    async fn copy_both(
        &mut self,
        bounds: Option<&PipeBounds>,
        progress: &Progress,
    ) -> Result<(), StreamError> {
        let broken = {
            let (read, write) = self.tcp.split();
            let up = copy_up(read, &mut self.send, progress);
            let down = copy_down(&mut self.recv, write, bounds, progress);
            tokio::pin!(up, down);

            tokio::select! {
                ended = &mut up => match ended {
                    Ok(()) => down.await.err(),
                    Err(broken) => Some(broken),
                },
                ended = &mut down => match ended {
                    Ok(()) => up.await.err(),
                    Err(Broken::Tcp(error)) => {
                        // What it sent before.
                        let _ = timeout(REST_TIME, up).await;
                        Some(Broken::Tcp(error))
                    }
                    Err(broken) => Some(broken),
                },
            }
        };

        match broken {
            None => Ok(()),
            Some(Broken::Stream(error)) => Err(error),
            Some(Broken::Tcp(error)) => {
                self.deliver_rest().await;
                Err(error)
            }
        }
    }

    /// Lets the other side read what was sent to it: a reset takes back what has not arrived. It
    /// leaves once it has a complete answer.
    async fn deliver_rest(&mut self) {
        let mut ignored = vec![0; MIN_ROOM_BYTES];
        let drain = async { while let Ok(Some(_)) = self.recv.read(&mut ignored).await {} };

        let _ = timeout(REST_TIME, drain).await;
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

async fn copy_up(
    mut tcp: ReadHalf<'_>,
    send: &mut SendStream,
    progress: &Progress,
) -> Result<(), Broken> {
    let mut buffer = BytesMut::with_capacity(CHUNK_BYTES);
    let mut stopped = std::pin::pin!(send.stopped());

    loop {
        let count = tokio::select! {
            read = tcp.read_buf(&mut buffer) => read.map_err(tcp_broken)?,
            // The other side wants no more bytes: its connection is broken.
            _ = &mut stopped => {
                let error = StreamError::Lost("the other side broke the connection".into());
                return Err(Broken::Stream(error));
            }
        };
        progress.note_move();
        if count == 0 {
            return end_stream(send, progress);
        }

        send.write_chunk(buffer.split().freeze()).await.map_err(stream_broken)?;
        progress.note_move();
        if buffer.capacity() < MIN_ROOM_BYTES {
            buffer.reserve(CHUNK_BYTES);
        }
    }
}

/// Ends the stream, unless the TCP connection is known to be broken: after that, the system reports
/// the end of a connection that was reset.
fn end_stream(send: &mut SendStream, progress: &Progress) -> Result<(), Broken> {
    if progress.is_broken() {
        return Err(Broken::Tcp(StreamError::Lost("the TCP connection broke".into())));
    }

    progress.note_end();
    send.finish().map_err(stream_broken)
}

async fn copy_down(
    recv: &mut RecvStream,
    mut tcp: WriteHalf<'_>,
    bounds: Option<&PipeBounds>,
    progress: &Progress,
) -> Result<(), Broken> {
    // Chunks of a stream have the size of a packet. Copying many of them into a buffer costs less
    // than a system call for each.
    let mut buffer = vec![0; CHUNK_BYTES];

    while let Some(first) = recv.read(&mut buffer).await.map_err(stream_broken)? {
        progress.note_move();

        let (count, state) = match first {
            ..BUSY_READ_BYTES => (first, Ok(())),
            BUSY_READ_BYTES.. => read_more(recv, &mut buffer, first).await,
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        write_chunk(&mut tcp, chunk, bounds, progress).await?;

        // A stream says only once that it broke. Its end it says again.
        state?;
    }

    progress.note_end();
    tcp.shutdown().await.map_err(|error| {
        progress.note_broken();
        tcp_broken(error)
    })
}

/// Reads what comes after the `first` bytes of the buffer. Returns how many bytes it has then, and
/// whether the stream broke after them.
///
/// A busy connection brings more packets while other tasks have a turn. A system call for the few
/// of each turn, with which the reader of the other end is woken, costs more.
async fn read_more(
    recv: &mut RecvStream,
    buffer: &mut [u8],
    first: usize,
) -> (usize, Result<(), Broken>) {
    let mut count = first;

    for _ in 0..MAX_TURNS {
        yield_now().await;

        let room = buffer.get_mut(count..).unwrap_or_default();
        let more = match recv.read(room).now_or_never() {
            None | Some(Ok(None)) => break,
            Some(Ok(Some(more))) => more,
            Some(Err(error)) => return (count, Err(stream_broken(error))),
        };

        count += more;
        if more == 0 || count >= FULL_WRITE_BYTES {
            break;
        }
    }
    (count, Ok(()))
}

/// Writes the bytes. A service that takes some of them now and then is not one that reads nothing.
async fn write_chunk(
    tcp: &mut WriteHalf<'_>,
    chunk: &[u8],
    bounds: Option<&PipeBounds>,
    progress: &Progress,
) -> Result<(), Broken> {
    let mut rest = chunk;

    while !rest.is_empty() {
        let write = tcp.write(rest);
        let written = match bounds {
            Some(bounds) => bounds.wait_for_service(write).await.map_err(Broken::Stream)?,
            None => write.await,
        };

        let count = written.and_then(|count| match count {
            0 => Err(io::ErrorKind::WriteZero.into()),
            count => Ok(count),
        });
        let count = count.map_err(|error| {
            progress.note_broken();
            tcp_broken(error)
        })?;
        rest = rest.get(count..).unwrap_or_default();
        progress.note_move();
    }
    Ok(())
}

fn tcp_broken(error: io::Error) -> Broken {
    Broken::Tcp(tcp_error(error))
}

fn stream_broken(error: impl std::fmt::Display) -> Broken {
    Broken::Stream(lost(error))
}

fn tcp_error(error: io::Error) -> StreamError {
    StreamError::Lost(format!("the TCP connection failed: {error}"))
}

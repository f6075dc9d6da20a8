//! A connection to a port of a job, for a program that speaks its protocol itself.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use iroh::endpoint::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::stream::CUT_OFF;

/// A connection to a port of a job. If it is dropped before it was shut down, the job's side breaks,
/// and does not look complete.
#[derive(Debug)]
pub struct PortStream {
    send: SendStream,
    recv: RecvStream,
    is_shut_down: bool,
}

impl PortStream {
    pub(crate) const fn new(send: SendStream, recv: RecvStream) -> Self {
        Self { send, recv, is_shut_down: false }
    }
}

impl AsyncRead for PortStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.recv).poll_read(context, buffer)
    }
}

impl AsyncWrite for PortStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.send), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.send).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_shut_down = true;
        Pin::new(&mut self.send).poll_shutdown(context)
    }
}

impl Drop for PortStream {
    fn drop(&mut self) {
        if !self.is_shut_down {
            // It fails if the connection is lost already.
            let _ = self.send.reset(CUT_OFF);
        }
    }
}

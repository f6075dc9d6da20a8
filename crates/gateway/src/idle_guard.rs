//! A connection that fails if nothing moves on it for too long.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A connection that fails if `limit` passes without a byte in either direction.
pub(crate) struct IdleGuard<S> {
    inner: S,
    limit: Duration,
    last_move: Instant,
    timer: Pin<Box<Sleep>>,
}

impl<S> IdleGuard<S> {
    pub(crate) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit, last_move: Instant::now(), timer: Box::pin(sleep(limit)) }
    }

    pub(crate) const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Fails an operation that waits when the time is up.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        moved: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.last_move = Instant::now();
            return moved;
        }

        loop {
            ready!(self.timer.as_mut().poll(context));
            let deadline = self.last_move + self.limit;
            if deadline <= Instant::now() {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing moves")));
            }
            self.timer.as_mut().reset(deadline);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for IdleGuard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.watch(context, read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for IdleGuard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// A flush does not count: it may have nothing to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_connection_on_which_nothing_moves_fails() {
        let (near, _far) = duplex(8);
        let mut guard = IdleGuard::new(near, LIMIT);
        let error = guard.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        let (near, _far) = duplex(8);
        let mut guard = IdleGuard::new(near, LIMIT);
        let error = guard.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_connection_goes_on_as_long_as_one_direction_moves() {
        let (near, mut far) = duplex(8);
        let mut guard = IdleGuard::new(near, LIMIT);

        let writer = tokio::spawn(async move {
            for _ in 0..10 {
                // Longer than the limit in sum, but not for one byte.
                sleep(LIMIT / 8).await;
                far.write_all(&[1]).await.unwrap();
            }
            far
        });
        for _ in 0..10 {
            assert_eq!(guard.read_u8().await.unwrap(), 1);
        }
        writer.await.unwrap();
    }
}

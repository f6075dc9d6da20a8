//! How fast a visitor must send a body.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A body may be waited for so long in all, and a second longer for each part that has arrived.
const FREE_TIME: Duration = Duration::from_secs(60);
const BYTES_PER_SECOND: u64 = 1_024;

/// The visitor sends its body too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body arrives too slowly")]
pub(crate) struct TooSlow;

/// The time for which a body was waited for. What the job takes to read it does not count.
#[derive(Debug)]
pub(crate) struct Pace {
    free_time: Duration,
    bytes: u64,
    waited: Duration,
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(FREE_TIME)
    }
}

impl Pace {
    fn new(free_time: Duration) -> Self {
        Self { free_time, bytes: 0, waited: Duration::ZERO, waiting_since: None, timer: None }
    }

    /// So many bytes have arrived.
    pub(crate) fn note_bytes(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_add(count as u64);
        if let Some(since) = self.waiting_since.take() {
            self.waited = self.waited.saturating_add(since.elapsed());
        }
    }

    /// Nothing has arrived. Ready when that was so for too long.
    pub(crate) fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<TooSlow> {
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let allowed = self.free_time + Duration::from_secs(self.bytes / BYTES_PER_SECOND);
        let deadline = since + allowed.saturating_sub(self.waited);

        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(TooSlow)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{sleep, timeout};

    use super::*;

    const FREE: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn a_body_that_comes_by_drops_is_late() {
        let mut pace = Pace::new(FREE);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            let late = timeout(Duration::from_millis(50), poll_fn(|it| pace.poll_late(it)));
            if late.await.is_ok() {
                assert!(begun.elapsed() >= FREE, "{:?}", begun.elapsed());
                return;
            }
            pace.note_bytes(1);
        }
        panic!("it is never late");
    }

    #[tokio::test]
    async fn many_bytes_give_time_and_a_slow_job_takes_none() {
        let mut pace = Pace::new(FREE);
        for _ in 0..10 {
            let late = timeout(Duration::from_millis(50), poll_fn(|it| pace.poll_late(it)));
            assert!(late.await.is_err());
            pace.note_bytes(2_048);
        }

        // The job reads nothing meanwhile.
        let mut pace = Pace::new(FREE);
        sleep(FREE * 2).await;
        let late = timeout(FREE / 3, poll_fn(|it| pace.poll_late(it)));
        assert!(late.await.is_err());
    }
}

//! A log from a node. When the line was cut, it goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::RecvStream;
use tokio::time::sleep;

use super::{
    LogPart,
    send::{LogFrame, MAX_FRAME_BYTES, decode_frame},
};
use crate::StreamError;
use crate::job::{JobError, JobLink, StreamPurpose};
use crate::stream::read_message;

/// A log may be silent for long: a lost connection is noticed by the transport.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// Longest pause before a stream is opened again.
const MAX_REOPEN_PAUSE: Duration = Duration::from_secs(5);

/// A reader of a job's log on a node.
#[derive(Debug)]
pub struct LogFollower {
    link: Arc<JobLink>,
    stream: Option<RecvStream>,
    /// The number of the log, once it is known.
    log: Option<u64>,
    position: u64,
    restarts: u32,
    /// Streams that have ended since the last part. A node may end each of them at once.
    endings: u32,
}

impl LogFollower {
    /// A reader that begins after the first `position` bytes. Does not connect.
    pub const fn new(link: Arc<JobLink>, position: u64) -> Self {
        Self { link, stream: None, log: None, position, restarts: 0, endings: 0 }
    }

    /// The next part. If the job runs again meanwhile, for instance because its node was restarted,
    /// the position goes back to 0, and the new log follows. What a job prints is not filtered: it
    /// may contain control characters.
    ///
    /// # Errors
    /// If the node refuses, cannot be reached within the time of the line's policy, or breaks the
    /// protocol.
    pub async fn next_part(&mut self) -> Result<LogPart, JobError> {
        loop {
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => {
                    sleep(reopen_pause(self.endings)).await;
                    let purpose = StreamPurpose::Logs { from: self.position };
                    self.link.open_stream(purpose).await?.1
                }
            };

            // Not kept over a wait that may be canceled: a half message would be lost.
            match read_message(&mut stream, MAX_FRAME_BYTES, SILENCE_TIMEOUT).await {
                Ok(frame) => match decode_frame(&frame)? {
                    LogFrame::Begin(log) => {
                        if self.begin_log(log) {
                            self.stream = Some(stream);
                        } else {
                            self.endings = self.endings.saturating_add(1);
                        }
                    }
                    LogFrame::Part(part) => {
                        self.advance(&part);
                        self.endings = 0;
                        self.stream = Some(stream);
                        return Ok(part);
                    }
                },
                Err(StreamError::Lost(_) | StreamError::Ended) => {
                    self.endings = self.endings.saturating_add(1);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How often the job has begun a new log.
    pub const fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The bytes of the log before the next part, to continue later.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream of this log can be read on. Of another one than before, the beginning is
    /// read first.
    fn begin_log(&mut self, log: u64) -> bool {
        let is_other = self.log.replace(log).is_some_and(|known| known != log);
        let must_reopen = is_other && self.position > 0;

        if is_other {
            self.position = 0;
            self.restarts = self.restarts.saturating_add(1);
        }
        !must_reopen
    }

    fn advance(&mut self, part: &LogPart) {
        let passed = match part {
            LogPart::Bytes(bytes) => bytes.len() as u64,
            LogPart::Gap(lost) => *lost,
            LogPart::End => 0,
        };
        self.position = self.position.saturating_add(passed);
    }
}

/// The pause before the next stream after so many have ended. After the first one there is none: its
/// connection may have been lost.
fn reopen_pause(endings: u32) -> Duration {
    match endings {
        0 | 1 => Duration::ZERO,
        endings => {
            let millis = 100_u64 << (endings - 2).min(10);
            Duration::from_millis(millis).min(MAX_REOPEN_PAUSE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_ends_each_stream_is_asked_less_and_less_often() {
        let pauses = [0, 1, 2, 3, 4, 20, u32::MAX].map(|count| reopen_pause(count).as_millis());
        assert_eq!(pauses, [0, 0, 100, 200, 400, 5_000, 5_000]);
    }
}

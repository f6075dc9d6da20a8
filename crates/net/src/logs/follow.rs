//! A log from a node. When the line was cut, it goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::RecvStream;

use super::{
    LogPart,
    send::{MAX_FRAME_BYTES, decode_part},
};
use crate::StreamError;
use crate::job::{JobError, JobLink, StreamPurpose};
use crate::stream::read_message;

/// A log may be silent for long: a lost connection is noticed by the transport.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// A reader of a job's log on a node.
#[derive(Debug)]
pub struct LogFollower {
    link: Arc<JobLink>,
    stream: Option<RecvStream>,
    position: u64,
}

impl LogFollower {
    /// A reader that begins after the first `position` bytes. Does not connect.
    pub const fn new(link: Arc<JobLink>, position: u64) -> Self {
        Self { link, stream: None, position }
    }

    /// The next part. What a job prints is not filtered: it may contain control characters.
    ///
    /// # Errors
    /// If the node refuses, cannot be reached within the time of the line's policy, or breaks the
    /// protocol.
    pub async fn next_part(&mut self) -> Result<LogPart, JobError> {
        loop {
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => {
                    let purpose = StreamPurpose::Logs { from: self.position };
                    self.link.open_stream(purpose).await?.1
                }
            };

            // Not kept over a wait that may be canceled: a half message would be lost.
            match read_message(&mut stream, MAX_FRAME_BYTES, SILENCE_TIMEOUT).await {
                Ok(frame) => {
                    let part = decode_part(&frame)?;
                    self.advance(&part);
                    self.stream = Some(stream);
                    return Ok(part);
                }
                Err(StreamError::Lost(_) | StreamError::Ended) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The bytes of the log before the next part, to continue later.
    pub const fn position(&self) -> u64 {
        self.position
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

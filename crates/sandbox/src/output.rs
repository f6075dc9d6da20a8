//! Reads the output of a command, until every writer has closed the pipe.

use std::{
    io::{PipeReader, Read},
    sync::OnceLock,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::{Request, log_buffer::LogBuffer};

/// How often a reader without data checks whether the sandbox has ended.
const POLL_INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// Size of one read, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// The pipe of standard output and error.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: PipeReader,
    /// How long others may hold it open after the sandbox has ended.
    timeout: Duration,
}

impl Output {
    pub fn new(pipe: PipeReader, timeout: Duration) -> Self {
        Self { pipe, timeout }
    }

    /// Reads the next part. Returns `None` at the end: when no writer is left, or one has held the
    /// pipe for too long after the sandbox's end. That writer is not of the sandbox, but perhaps a
    /// child of the node that was just being started.
    pub fn next_part<'a>(
        &mut self,
        buffer: &'a mut [u8],
        ended: &OnceLock<Instant>,
    ) -> Option<&'a [u8]> {
        loop {
            if ended.get().is_some_and(|ended| ended.elapsed() >= self.timeout) {
                return None;
            }
            match poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&POLL_INTERVAL)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => {
                    let length = self.pipe.read(buffer).ok().filter(|length| *length > 0)?;
                    return buffer.get(..length);
                }
                Err(_) => return None,
            }
        }
    }

    /// Reads everything. Returns what the limits keep of it, and whether that is less.
    pub fn read_all(mut self, request: &Request<'_>, ended: &OnceLock<Instant>) -> (Vec<u8>, bool) {
        let mut log = LogBuffer::new(&request.limits);

        let mut buffer = vec![0; BUFFER_BYTES];
        while let Some(part) = self.next_part(&mut buffer, ended) {
            if let Some(observer) = request.observer {
                observer.on_output(part);
            }
            log.push(part);
        }

        let is_truncated = log.is_truncated();
        (log.into_log(), is_truncated)
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, thread};

    use super::*;
    use crate::{CancelToken, Limits};

    #[test]
    fn a_pipe_that_others_hold_is_closed_after_the_timeout() {
        let (pipe, mut writer) = std::io::pipe().unwrap();
        let (env, cancel, ended) = (Default::default(), CancelToken::default(), OnceLock::new());
        let limits = Limits::default();
        let request = Request {
            argv: &[],
            env: &env,
            directory: "",
            network: false,
            limits,
            cancel: &cancel,
            observer: None,
        };
        let output = Output::new(pipe, Duration::from_millis(200));
        let begun = Instant::now();
        let (read, _) = thread::scope(|scope| {
            let reader = scope.spawn(|| output.read_all(&request, &ended));
            thread::sleep(Duration::from_millis(300));

            // The timeout starts at the end; what is written until it expires is read.
            writer.write_all(b"first").unwrap();
            ended.set(Instant::now()).unwrap();
            writer.write_all(b" more").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(String::from_utf8_lossy(&read), "first more");
        assert!((500..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
        drop(writer);
    }
}

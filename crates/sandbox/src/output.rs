//! Reads what a command prints, until its last writer is gone.

use std::{
    io::{PipeReader, Read},
    sync::{OnceLock, mpsc::Sender},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::{Limit, Request, supervise::Event, tail::keep_end};

/// Between two looks whether the command has ended.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// The pipe of both outputs.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: PipeReader,
    /// How long others may keep it open after the sandbox has ended.
    patience: Duration,
}

impl Output {
    pub fn new(pipe: PipeReader, patience: Duration) -> Self {
        Self { pipe, patience }
    }

    /// The next part. None at the end: no writer is left, or one was left too long after the
    /// sandbox's end. That is none of the sandbox's, but perhaps a child of the node that was just
    /// being started.
    pub fn next<'a>(
        &mut self,
        buffer: &'a mut [u8],
        ended: &OnceLock<Instant>,
    ) -> Option<&'a [u8]> {
        loop {
            if ended.get().is_some_and(|ended| ended.elapsed() >= self.patience) {
                return None;
            }
            match poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&PAUSE)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => {
                    let length = self.pipe.read(buffer).ok().filter(|length| *length > 0)?;
                    return buffer.get(..length);
                }
                Err(_) => return None,
            }
        }
    }

    /// Reads up to the limit, tells if there is more, and drains the rest.
    pub fn read(
        mut self,
        request: &Request<'_>,
        events: &Sender<Event>,
        ended: &OnceLock<Instant>,
    ) -> (Vec<u8>, bool) {
        let limits = &request.limits;
        let limit = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
        let mut kept = Vec::new();
        let mut truncated = false;
        let mut buffer = vec![0; 64 << 10];
        while let Some(part) = self.next(&mut buffer, ended) {
            if let Some(live) = request.live {
                live.push(part);
            }
            if limits.keeps_end {
                truncated |= keep_end(&mut kept, part, limit);
                continue;
            }
            let room = limit - kept.len();
            kept.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room && !truncated {
                truncated = true;
                // Nobody listens any more if something else came first.
                let _ = events.send(Event::Over(Limit::Output));
            }
        }
        if limits.keeps_end {
            keep_end(&mut kept, &[], limit);
        }
        (kept, truncated)
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::mpsc::channel, thread};

    use super::*;
    use crate::{Cancel, Limits};

    #[test]
    fn a_pipe_that_others_hold_is_not_waited_for() {
        let (pipe, mut writer) = std::io::pipe().unwrap();
        let (env, cancel, ended) = (Default::default(), Cancel::default(), OnceLock::new());
        let limits = Limits::default();
        let request = Request {
            argv: &[],
            env: &env,
            directory: "",
            network: false,
            limits,
            cancel: &cancel,
            live: None,
        };
        let output = Output::new(pipe, Duration::from_millis(200));
        let begun = Instant::now();
        let (read, _) = thread::scope(|scope| {
            let reader = scope.spawn(|| output.read(&request, &channel().0, &ended));
            thread::sleep(Duration::from_millis(300));
            // Before the end, there is no hurry; after it, what is still written counts.
            writer.write_all(b"said").unwrap();
            ended.set(Instant::now()).unwrap();
            writer.write_all(b" more").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(String::from_utf8_lossy(&read), "said more");
        assert!((500..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
        drop(writer);
    }
}

//! A log on a stream.

use std::future::Future;
use std::time::Duration;

use iroh::endpoint::SendStream;

use super::{LogBuffer, LogPart, buffer::MAX_PART_BYTES};
use crate::StreamError;
use crate::stream::{CUT_OFF, write_message};
use crate::wire::{Decoder, WireError};

const BYTES: u8 = 1;
const GAP: u8 = 2;
const END: u8 = 3;
const BEGIN: u8 = 4;

/// The largest message of a log.
pub(super) const MAX_FRAME_BYTES: usize = MAX_PART_BYTES + 1;
/// A reader that takes nothing for so long has left.
const READER_TIMEOUT: Duration = Duration::from_secs(600);

/// Sends a log from `from` on until it is complete, the reader leaves, or `until` ends.
pub(crate) async fn send_log(
    log: &LogBuffer,
    from: u64,
    send: &mut SendStream,
    until: impl Future<Output = ()>,
) -> Result<(), StreamError> {
    let left = send.stopped();

    tokio::select! {
        sent = send_parts(log, from, send) => return sent,
        _ = left => {}
        () = until => {}
    }
    // Fails only if the reader has left.
    let _ = send.reset(CUT_OFF);
    Ok(())
}

async fn send_parts(log: &LogBuffer, from: u64, send: &mut SendStream) -> Result<(), StreamError> {
    let mut reader = log.reader(from);
    let begin = [&[BEGIN][..], &log.id().to_le_bytes()].concat();
    write_message(send, &begin, READER_TIMEOUT).await?;

    loop {
        let part = reader.next_part().await;
        write_message(send, &encode_part(&part), READER_TIMEOUT).await?;

        if part == LogPart::End {
            let _ = send.finish();
            return Ok(());
        }
    }
}

fn encode_part(part: &LogPart) -> Vec<u8> {
    match part {
        LogPart::Bytes(bytes) => [&[BYTES][..], bytes].concat(),
        LogPart::Gap(lost) => [&[GAP][..], &lost.to_le_bytes()].concat(),
        LogPart::End => vec![END],
    }
}

/// A message of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LogFrame {
    /// The number of the log that follows.
    Begin(u64),
    /// A part of it.
    Part(LogPart),
}

pub(super) fn decode_frame(frame: &[u8]) -> Result<LogFrame, WireError> {
    let mut decoder = Decoder::new("part of a log", frame);

    match decoder.byte()? {
        BYTES => Ok(LogFrame::Part(LogPart::Bytes(decoder.remainder().to_vec()))),
        GAP => {
            let lost = decoder.u64()?;
            decoder.finish().map(|()| LogFrame::Part(LogPart::Gap(lost)))
        }
        END => decoder.finish().map(|()| LogFrame::Part(LogPart::End)),
        BEGIN => {
            let id = decoder.u64()?;
            decoder.finish().map(|()| LogFrame::Begin(id))
        }
        _ => Err(decoder.invalid("its type is unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_encoded_and_decoded() {
        for part in [LogPart::Bytes(vec![1, 2]), LogPart::Gap(u64::MAX), LogPart::End] {
            assert_eq!(decode_frame(&encode_part(&part)).unwrap(), LogFrame::Part(part));
        }
        for frame in [&[][..], &[9], &[3, 0], &[4, 0], &[2, 1], &[2, 1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert!(decode_frame(frame).is_err(), "{frame:?}");
        }
    }
}

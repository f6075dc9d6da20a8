//! Downloads a file from one source. A cut connection is resumed where it was cut.

use std::{io::Read, thread, time::Duration};

use nosana_job_spec::ModelLocation;

use crate::{
    Downloader, PartFile,
    progress::{DownloadProgress, ProgressReport},
    source::SourceAnswer,
};

/// How often a source that sends nothing new is asked.
const MAX_FAILURES: u32 = 3;
/// How often a source is asked at all.
const MAX_ATTEMPTS: u32 = 200;
const RETRY_DELAY: Duration = Duration::from_secs(1);
const BUFFER_BYTES: usize = 256 * 1_024;

/// Why an attempt failed.
#[derive(Debug)]
pub enum DownloadError {
    /// The connection was cut, or the source does not answer: another attempt may succeed.
    Interrupted(String),
    /// The file has no place on this machine.
    NoRoom(String),
    /// The caller ends the download.
    Ended(String),
}

impl DownloadError {
    /// What failed.
    pub fn into_problem(self) -> String {
        match self {
            Self::Interrupted(problem) | Self::NoRoom(problem) | Self::Ended(problem) => problem,
        }
    }
}

/// The room that a download may take.
pub trait DownloadRoom {
    /// Makes room for the file that `part` will be, of `total_bytes` if the source reports that.
    /// This is called whenever the source begins to send.
    ///
    /// # Errors
    /// If the file is too large, or the download must end.
    fn make_room(&self, part: &PartFile, total_bytes: Option<u64>) -> Result<(), DownloadError>;

    /// Checks the length so far: the source may not have reported the size, or a wrong one.
    ///
    /// # Errors
    /// If the file is too large, or the download must end.
    fn check_length(&self, part: &PartFile) -> Result<(), DownloadError>;
}

impl Downloader {
    /// Downloads a file to its end. What `part` has is kept, unless the source cannot resume.
    ///
    /// # Errors
    /// If the source does not deliver it, or the disk has too little room for it.
    pub fn download(
        &self,
        location: &ModelLocation,
        part: &mut PartFile,
        room: &dyn DownloadRoom,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<(), DownloadError> {
        let mut most = part.length();
        let mut failures = 0;

        for _ in 0..MAX_ATTEMPTS {
            let error = match self.append_rest(location, part, room, on_progress) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };

            // Only new bytes are progress: a source that cannot resume starts again each time.
            failures = if part.length() > most { 0 } else { failures + 1 };
            most = most.max(part.length());
            match error {
                DownloadError::Interrupted(problem) if failures < MAX_FAILURES => {
                    tracing::info!(source = %location, problem, "trying to download again");
                    thread::sleep(RETRY_DELAY);
                }
                error => return Err(error),
            }
        }
        Err(DownloadError::Interrupted(format!("it was cut {MAX_ATTEMPTS} times")))
    }

    /// Asks once for what is missing.
    fn append_rest(
        &self,
        location: &ModelLocation,
        part: &mut PartFile,
        room: &dyn DownloadRoom,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<(), DownloadError> {
        let cut = DownloadError::Interrupted;
        let answer = self.ask_source(location, part.length()).map_err(cut)?;
        let SourceAnswer::Content { mut content, start, total_bytes, has_ranges } = answer else {
            return Ok(());
        };

        part.note_source(has_ranges);
        if start != part.length() {
            part.clear().map_err(|error| DownloadError::NoRoom(error.to_string()))?;
        }
        if start > 0 && start != part.length() {
            return Err(cut("it sends another part than the requested one".to_owned()));
        }
        room.make_room(part, total_bytes)?;

        let mut report = ProgressReport::new(location.to_string(), on_progress);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = content.read(&mut buffer).map_err(|error| cut(error.to_string()))?;
            let Some(bytes @ [_, ..]) = buffer.get(..count) else { break };
            part.append(bytes).map_err(|error| {
                DownloadError::NoRoom(format!("cannot write {}: {error}", part.path().display()))
            })?;

            room.check_length(part)?;
            let progress = DownloadProgress { done_bytes: part.length(), total_bytes };
            report.add_bytes(count as u64, progress).map_err(cut)?;
        }

        match total_bytes {
            Some(total) if part.length() < total => {
                Err(cut(format!("it sent {} of {total} bytes", part.length())))
            }
            _ => Ok(()),
        }
    }
}

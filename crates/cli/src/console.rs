//! Standard output and standard error. The macros of this module replace the standard ones of the
//! same names in all files of this program: those panic when a write fails.
//!
//! A reader that closes its end of the pipe, such as `head`, has what it needs: what is printed
//! after that is dropped, and the command continues with everything else that it does. Any other
//! failure to write, such as a full disk, is reported when the command has ended.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::{Mutex, PoisonError},
};

use anyhow::{Result, anyhow};

/// The error of the first write to standard output that failed.
static FIRST_ERROR: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints a line to standard output.
macro_rules! println {
    ($($argument:tt)*) => { $crate::console::print_line(::std::format_args!($($argument)*)) };
}

/// Prints to standard output.
macro_rules! print {
    ($($argument:tt)*) => { $crate::console::print_text(::std::format_args!($($argument)*)) };
}

/// Prints a line to standard error.
macro_rules! eprintln {
    ($($argument:tt)*) => { $crate::console::print_note(::std::format_args!($($argument)*)) };
}

/// Prints a line to standard output.
pub fn print_line(text: fmt::Arguments<'_>) {
    write_output(|out| writeln!(out, "{text}"));
}

/// Prints to standard output.
pub fn print_text(text: fmt::Arguments<'_>) {
    write_output(|out| write!(out, "{text}"));
}

/// Prints bytes to standard output.
pub fn print_bytes(bytes: &[u8]) {
    write_output(|out| out.write_all(bytes).and_then(|()| out.flush()));
}

/// Prints a line to standard error. A failure cannot be reported anywhere.
pub fn print_note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Fails if a part of the output could not be written, unless its reader closed the pipe.
pub fn check_output() -> Result<()> {
    write_output(|out| out.flush());

    let mut first_error = FIRST_ERROR.lock().unwrap_or_else(PoisonError::into_inner);
    match first_error.take() {
        Some(error) => explain_failure(&error),
        None => Ok(()),
    }
}

/// Returns the error to report; nothing if the reader closed the pipe.
pub fn explain_failure(error: &io::Error) -> Result<()> {
    if error.kind() == ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(anyhow!("cannot write to standard output: {error}; a part of the output is lost"))
}

/// Writes, unless an earlier write failed.
fn write_output(write: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>) {
    let mut first_error = FIRST_ERROR.lock().unwrap_or_else(PoisonError::into_inner);
    if first_error.is_none() {
        *first_error = write(&mut io::stdout().lock()).err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_closed_pipe_is_not_a_failure() {
        assert!(explain_failure(&ErrorKind::BrokenPipe.into()).is_ok());
        let full = explain_failure(&ErrorKind::StorageFull.into()).unwrap_err().to_string();
        assert!(full.contains("cannot write to standard output"), "{full}");
    }
}

//! Parts of a log on the terminal: they are cut anywhere, also within a character or a color.

use crate::terminal::{sanitize_text, write_log};

/// How lines of the node begin. They go to standard error, as notes about a log do everywhere.
const NOTE_MARK: &[u8] = b"[node] ";
/// The longest line of the node, in bytes.
const MAX_NOTE_BYTES: usize = 4096;
/// The longest character or color that is held back until it is complete, in bytes.
const MAX_HELD_BYTES: usize = 32;
/// The most bytes of a log that are kept to compare it with the stored one.
const MAX_KEPT_BYTES: usize = 16 << 20;
const ESCAPE: u8 = 0x1b;

/// Prints a log in parts, and keeps what it has printed of operations.
#[derive(Debug)]
pub struct LogPrinter {
    is_raw: bool,
    /// What is not printed yet: the begin of a line of the node, a character or a color.
    held: Vec<u8>,
    is_within_line: bool,
    printed: Vec<u8>,
    has_all: bool,
}

/// What follows in a log.
enum Next {
    /// A line of the node of so many bytes.
    Note(usize),
    /// So many bytes of an operation.
    Text(usize),
    /// Something that is not complete.
    Nothing,
}

impl LogPrinter {
    /// A printer that prints byte by byte, or leaves out what could control the terminal.
    pub const fn new(is_raw: bool) -> Self {
        Self { is_raw, held: Vec::new(), is_within_line: false, printed: Vec::new(), has_all: true }
    }

    /// Prints the next part.
    pub fn print_part(&mut self, part: &[u8]) {
        self.held.extend_from_slice(part);

        loop {
            match find_next(&self.held, self.is_within_line) {
                Next::Note(length) => {
                    let line: Vec<u8> = self.held.drain(..length).collect();
                    let line = String::from_utf8_lossy(&line);
                    eprintln!("{}", sanitize_text(line.trim_end()));
                }
                Next::Text(length) => {
                    let text: Vec<u8> = self.held.drain(..length).collect();
                    self.print_text(&text);
                }
                Next::Nothing => return,
            }
        }
    }

    /// Prints what is left.
    pub fn finish(&mut self) {
        let rest = std::mem::take(&mut self.held);
        self.print_text(&rest);
        self.is_within_line = false;
    }

    /// Forgets what it has printed: another log begins, or a part of this one is missing.
    pub fn forget_printed(&mut self, is_new_log: bool) {
        self.printed.clear();
        self.has_all = is_new_log;
    }

    /// What it has printed of operations; `None` if that is not everything.
    pub fn into_printed(self) -> Option<Vec<u8>> {
        self.has_all.then_some(self.printed)
    }

    fn print_text(&mut self, text: &[u8]) {
        let Some(last) = text.last() else { return };
        self.is_within_line = *last != b'\n';

        write_log(text, self.is_raw);
        if self.printed.len().saturating_add(text.len()) > MAX_KEPT_BYTES {
            self.forget_printed(false);
        }
        if self.has_all {
            self.printed.extend_from_slice(text);
        }
    }
}

fn find_next(held: &[u8], is_within_line: bool) -> Next {
    let line_length = held.iter().position(|byte| *byte == b'\n').map(|at| at.saturating_add(1));

    if !is_within_line {
        let is_note = held.starts_with(NOTE_MARK);
        if let Some(length) = line_length.filter(|_| is_note) {
            return Next::Note(length);
        }
        let may_be_note = is_note || NOTE_MARK.starts_with(held);
        if may_be_note && line_length.is_none() && held.len() < MAX_NOTE_BYTES {
            return Next::Nothing;
        }
    }
    match text_length(held) {
        0 => Next::Nothing,
        length => Next::Text(length),
    }
}

/// How many bytes can be printed now: whole lines of an operation, or a part of one.
fn text_length(held: &[u8]) -> usize {
    let before_note = held
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at.saturating_add(1))
        .find(|next| held.get(*next..).is_some_and(|rest| rest.starts_with(NOTE_MARK)));
    let last_line_end = || held.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);

    before_note.or_else(last_line_end).unwrap_or_else(|| complete_length(held))
}

/// How many bytes do not end within a character, a color or a line end.
fn complete_length(bytes: &[u8]) -> usize {
    let tail_start = bytes.len().saturating_sub(MAX_HELD_BYTES);
    let tail = bytes.get(tail_start..).unwrap_or_default();

    if let Some(at) = tail.iter().rposition(|byte| *byte == ESCAPE) {
        let is_partial = |byte: &u8| byte.is_ascii_digit() || matches!(*byte, b';' | b'[' | ESCAPE);
        if tail.iter().skip(at).all(is_partial) {
            return tail_start + at;
        }
    }
    if bytes.last() == Some(&b'\r') {
        return bytes.len() - 1;
    }

    let inner_bytes = count_inner_bytes(tail);
    match std::str::from_utf8(tail.get(inner_bytes..).unwrap_or_default()) {
        // Only an incomplete character at the end has no length.
        Err(error) if error.error_len().is_none() => tail_start + inner_bytes + error.valid_up_to(),
        Ok(_) | Err(_) => bytes.len(),
    }
}

/// The bytes at the beginning that are inside of a character.
fn count_inner_bytes(bytes: &[u8]) -> usize {
    bytes.iter().take(3).take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_colors_and_line_ends_are_printed_whole() {
        for (text, complete) in [
            (&b"ready"[..], 5),
            (b"ok \xc3", 3),
            ("ok \u{e9}".as_bytes(), 5),
            (b"a\xf0\x9f\xa6", 1),
            (b"red \x1b[1;3", 4),
            (b"red \x1b[31m", 9),
            (b"\x1b", 0),
            (b"line\r", 4),
            (b"\xff\xfe", 2),
            (b"", 0),
        ] {
            assert_eq!(complete_length(text), complete, "{text:?}");
        }
        let long = [&[b'x'; 100][..], "\u{20ac}".as_bytes()].concat();
        assert_eq!(complete_length(&long), 103);
        assert_eq!(complete_length(&long[..102]), 100);
    }

    #[test]
    fn lines_of_the_node_are_not_those_of_an_operation() {
        let log = b"[node] ci / a\none\n[no\n[node] ci / b\ntwo [node] x\n[node] end\nhalf";
        for size in 1..log.len() {
            let mut printer = LogPrinter::new(false);
            log.chunks(size).for_each(|part| printer.print_part(part));
            printer.finish();
            let printed = String::from_utf8(printer.into_printed().unwrap()).unwrap();
            assert_eq!(printed, "one\n[no\ntwo [node] x\nhalf", "{size}");
        }
    }

    #[test]
    fn a_log_with_a_gap_or_of_many_bytes_is_not_whole() {
        let mut printer = LogPrinter::new(false);
        printer.print_part(b"\n");
        printer.forget_printed(false);
        printer.print_part(b"\n");
        assert_eq!(printer.into_printed(), None);

        let mut printer = LogPrinter::new(false);
        printer.print_part(b"\n");
        printer.forget_printed(true);
        printer.print_part(b"\n");
        assert_eq!(printer.into_printed().unwrap(), b"\n");
    }
}

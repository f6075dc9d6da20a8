//! Text of other people on the user's terminal.

use crate::console::print_bytes;

/// Keeps text, line ends, tabs and colors. Other control sequences could move the cursor, rename
/// the window or type input, so their first character is dropped.
pub fn sanitize_bytes(log: &[u8]) -> Vec<u8> {
    sanitize_text(&String::from_utf8_lossy(log)).into_bytes()
}

/// Does for text what [`sanitize_bytes`] does for bytes.
pub fn sanitize_text(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());

    for (at, character) in text.char_indices() {
        let is_safe = match character {
            '\n' | '\t' => true,
            // Without a line feed it would let the next text overwrite the line.
            '\r' => text[at + 1..].starts_with('\n'),
            '\u{1b}' => is_color(&text[at + 1..]),
            other => !other.is_control(),
        };
        if is_safe {
            kept.push(character);
        }
    }
    kept
}

/// Writes a log to standard output: byte by byte if it is requested `raw`, else without what could
/// control a terminal, which may be behind a pipe, too.
pub fn write_log(log: &[u8], raw: bool) {
    if raw {
        print_bytes(log);
    } else {
        print_bytes(&sanitize_bytes(log));
    }
}

/// Whether `rest` continues an escape as in `[1;31m`.
fn is_color(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('[') else { return false };
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
}

#[cfg(test)]
mod tests {
    use super::sanitize_bytes;

    #[test]
    fn colors_stay_and_commands_to_the_terminal_go() {
        assert_eq!(
            sanitize_bytes(b"\x1b[1;31mred\x1b[m\tend\r\n"),
            b"\x1b[1;31mred\x1b[m\tend\r\n"
        );
        assert_eq!(sanitize_bytes(b"\x1b]0;title\x07\x1b[2J\x1b[6n\x08"), b"]0;title[2J[6n");
        assert_eq!(sanitize_bytes("\u{9b}2J".as_bytes()), b"2J");
        assert_eq!(sanitize_bytes(b"failed\rpassed"), b"failedpassed");
    }
}

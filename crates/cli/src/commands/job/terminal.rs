//! Logs of strangers on one's own terminal.

/// Keeps text, line ends, tabs and colors. Other control sequences could move the cursor, rename
/// the window or type answers, so their first character is dropped.
pub fn for_terminal(log: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(log);
    let mut kept = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let is_safe = match character {
            '\n' | '\t' => true,
            // Alone it would let what follows cover what came before.
            '\r' => text[at + 1..].starts_with('\n'),
            '\u{1b}' => is_color(&text[at + 1..]),
            other => !other.is_control(),
        };
        if is_safe {
            kept.push(character);
        }
    }
    kept.into_bytes()
}

/// Whether this goes on as `[1;31m` does.
fn is_color(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('[') else { return false };
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
}

#[cfg(test)]
mod tests {
    use super::for_terminal;

    #[test]
    fn colors_stay_and_commands_to_the_terminal_go() {
        assert_eq!(for_terminal(b"\x1b[1;31mred\x1b[m\tend\r\n"), b"\x1b[1;31mred\x1b[m\tend\r\n");
        assert_eq!(for_terminal(b"\x1b]0;title\x07\x1b[2J\x1b[6n\x08"), b"]0;title[2J[6n");
        assert_eq!(for_terminal("\u{9b}2J".as_bytes()), b"2J");
        assert_eq!(for_terminal(b"failed\rpassed"), b"failedpassed");
    }
}

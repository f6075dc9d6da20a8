//! Parses bubblewrap's report about a sandbox: one JSON object on each line.

use std::io::BufRead;

use serde_json::Value;

/// Reads the id of the sandbox's first process on the host. `None` if bubblewrap ended before.
pub(crate) fn read_first_process(lines: &mut impl BufRead) -> Option<u32> {
    read_number(lines, "child-pid")?.try_into().ok()
}

/// Waits for the exit code of the command. `None` if the sandbox ended without one.
pub(crate) fn read_exit_code(lines: &mut impl BufRead) -> Option<u8> {
    read_number(lines, "exit-code")?.try_into().ok()
}

/// Reads lines until one has a number with this name.
fn read_number(lines: &mut impl BufRead, name: &str) -> Option<u64> {
    lines
        .lines()
        .map_while(Result::ok)
        .find_map(|line| serde_json::from_str::<Value>(&line).ok()?.get(name)?.as_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read_in_turn() {
        let mut lines =
            &b"{ \"child-pid\": 12, \"net-namespace\": 4026532183 }\n{ \"exit-code\": 2 }\n"[..];
        assert_eq!(
            (read_first_process(&mut lines), read_exit_code(&mut lines)),
            (Some(12), Some(2))
        );
        assert_eq!(read_exit_code(&mut &b""[..]), None);
    }
}

//! What bubblewrap tells about a sandbox: one JSON object a line.

use std::io::BufRead;

use serde_json::Value;

/// The first process of the sandbox, by its number on the host. `None` if bubblewrap ended before.
pub(crate) fn first_process(lines: &mut impl BufRead) -> Option<u32> {
    next(lines, "child-pid")?.try_into().ok()
}

/// The exit code of the command; waits for it. `None` if the sandbox came to an end without one.
pub(crate) fn exit_code(lines: &mut impl BufRead) -> Option<u8> {
    next(lines, "exit-code")?.try_into().ok()
}

fn next(lines: &mut impl BufRead, name: &str) -> Option<u64> {
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
        assert_eq!((first_process(&mut lines), exit_code(&mut lines)), (Some(12), Some(2)));
        assert_eq!(exit_code(&mut &b""[..]), None);
    }
}

//! Whether the stored logs of a job are those that were printed while it ran.

/// How the notice begins that replaces the middle of a log.
const NOTICE_MARK: &[u8] = b"[node] ";

/// The log of a step, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLog {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether a notice replaces its middle.
    pub is_cut: bool,
}

/// Whether `shown` has all logs, one after the other, each with a line end. Of the last one that is
/// cut, its beginning and its end have to be there: what was printed has the middle, too.
pub fn is_shown(logs: &[StoredLog], shown: &[u8]) -> bool {
    let mut rest = shown;
    let mut logs = logs.iter().filter(|log| !log.bytes.is_empty()).peekable();

    while let Some(log) = logs.next() {
        if log.is_cut {
            return logs.peek().is_none() && is_cut_of(&log.bytes, rest);
        }
        let Some(after) = rest.strip_prefix(log.bytes.as_slice()) else { return false };
        rest = match after.strip_prefix(b"\n") {
            Some(after) if !log.bytes.ends_with(b"\n") => after,
            Some(_) | None => after,
        };
    }
    rest.is_empty()
}

/// Whether a log with a notice is what is kept of `whole`.
fn is_cut_of(log: &[u8], whole: &[u8]) -> bool {
    let is_line_start = |at: usize| at == 0 || log.get(at - 1) == Some(&b'\n');
    let notice = log
        .iter()
        .enumerate()
        .filter(|(at, byte)| **byte == b'[' && is_line_start(*at))
        .map(|(at, _)| at)
        .find(|at| log.get(*at..).is_some_and(|rest| rest.starts_with(NOTICE_MARK)));

    // A short or a service's log has no notice: only its end is kept.
    let (head, tail) = match notice.map(|at| log.split_at(at)) {
        Some((head, rest)) => {
            let line_end = rest.iter().position(|byte| *byte == b'\n');
            let tail = line_end.and_then(|at| rest.get(at.saturating_add(1)..));
            (head.strip_suffix(b"\n").unwrap_or(head), tail.unwrap_or_default())
        }
        None => (&[][..], log),
    };
    let without_line_end = whole.strip_suffix(b"\n").unwrap_or(whole);
    whole.starts_with(head) && (whole.ends_with(tail) || without_line_end.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str, is_cut: bool) -> StoredLog {
        StoredLog { bytes: text.into(), is_cut }
    }

    #[test]
    fn whole_logs_are_compared_byte_for_byte() {
        let logs = [log("one\n", false), log("", false), log("two", false), log("3\n", false)];
        assert!(is_shown(&logs, b"one\ntwo\n3\n"));
        assert!(is_shown(&[], b"") && !is_shown(&[], b"x"));
        for other in ["one\ntwo\n", "one\ntwo\n3\n4\n", "One\ntwo\n3\n", ""] {
            assert!(!is_shown(&logs, other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn what_is_left_of_a_long_log_is_found_in_the_whole_one() {
        let cut = "1\n2\n[node] 9 bytes of 13 are left out here: the log may have 4\n9\nend";
        let logs = [log("first\n", false), log(cut, true)];
        assert!(is_shown(&logs, b"first\n1\n2\n3\n4\n8\n9\nend\n"));
        assert!(is_shown(&[log("end", true)], b"the end"), "a service keeps the end");

        for other in ["first\n1\n3\n9\nend", "first\n1\n2\n3\n9\nEnd", "1\n2\n9\nend"] {
            assert!(!is_shown(&logs, other.as_bytes()), "{other}");
        }
        assert!(!is_shown(&[log(cut, true), log("x\n", false)], b"1\n2\n9\nendx\n"));
    }
}

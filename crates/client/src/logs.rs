//! Events in a transaction's logs, and which program failed.
//!
//! Any program may log any bytes. So data count as an event of a program only if they were logged
//! while that program was running. The runtime's own lines, which bracket each invocation, show
//! which one was.

use base64::{Engine, prelude::BASE64_STANDARD};
use solana_address::Address;

use crate::{jobs, rewards, staking};

/// An event of one of the three programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An event of the jobs program.
    Jobs(jobs::events::Event),
    /// An event of the staking program.
    Staking(staking::events::Event),
    /// An event of the rewards program.
    Rewards(rewards::events::Event),
}

impl Event {
    /// Decodes data that `program` logged; `None` if they are not an event of a Nosana program.
    pub fn decode(program: &Address, data: &[u8]) -> Option<Self> {
        match *program {
            jobs::ID => jobs::events::Event::decode(data).map(Self::Jobs),
            staking::ID => staking::events::Event::decode(data).map(Self::Staking),
            rewards::ID => rewards::events::Event::decode(data).map(Self::Rewards),
            _ => None,
        }
    }

    /// The event's name in the IDL.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Jobs(event) => event.name(),
            Self::Staking(event) => event.name(),
            Self::Rewards(event) => event.name(),
        }
    }
}

/// Returns the events in a transaction's logs, in order. The logs of a failed transaction contain
/// events that did not take effect.
pub fn decode_events<S: AsRef<str>>(logs: &[S]) -> Vec<Event> {
    logged_data(logs).iter().filter_map(|(program, data)| Event::decode(program, data)).collect()
}

/// Whether the node truncated the logs, so that events may be missing.
pub fn is_truncated<S: AsRef<str>>(logs: &[S]) -> bool {
    logs.iter().any(|line| line.as_ref() == "Log truncated")
}

/// Returns all logged data, each with the program that logged it.
pub fn logged_data<S: AsRef<str>>(logs: &[S]) -> Vec<(Address, Vec<u8>)> {
    let mut running = Vec::new();
    let mut all = Vec::new();

    for line in logs {
        match LogLine::parse(line.as_ref()) {
            LogLine::Invoke(program) => running.push(program),
            LogLine::End => {
                running.pop();
            }
            LogLine::Data(text) => {
                let program = running.last().copied().flatten();
                all.extend(program.zip(decode_fields(text)));
            }
            LogLine::Other => {}
        }
    }

    all
}

/// Returns the innermost program that failed: the one whose error the transaction reports.
pub fn find_failed_program<S: AsRef<str>>(logs: &[S]) -> Option<Address> {
    logs.iter().find_map(|line| {
        let (program, rest) = line.as_ref().strip_prefix("Program ")?.split_once(' ')?;
        rest.starts_with("failed").then(|| program.parse().ok())?
    })
}

/// A log line, by its effect on the running programs.
enum LogLine<'a> {
    /// A program begins; `None` if its address cannot be parsed.
    Invoke(Option<Address>),
    /// The running program ends.
    End,
    /// The running program logs data.
    Data(&'a str),
    /// Any other line.
    Other,
}

impl<'a> LogLine<'a> {
    /// Parses a line. Text that a program logs begins with `Program log: `, so it cannot pass for a
    /// line of the runtime.
    fn parse(line: &'a str) -> Self {
        let Some(rest) = line.strip_prefix("Program ") else { return Self::Other };
        match rest.split_once(' ') {
            Some(("data:", data)) => Self::Data(data),
            Some(("log:" | "return:" | "consumption:", _)) | None => Self::Other,
            Some((program, what)) if what.starts_with("invoke [") => {
                Self::Invoke(program.parse().ok())
            }
            Some((_, what)) if what == "success" || what.starts_with("failed") => Self::End,
            Some(_) => Self::Other,
        }
    }
}

/// Decodes a data line: one or more fields in base64, which are concatenated.
fn decode_fields(text: &str) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for field in text.split(' ') {
        all.extend(BASE64_STANDARD.decode(field).ok()?);
    }

    Some(all)
}

#[cfg(test)]
mod tests {
    use super::{find_failed_program, is_truncated, logged_data};

    const NOSANA: &str = "Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ";
    const OTHER: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

    #[test]
    fn data_belong_to_the_running_program() {
        let logs = [
            format!("Program {NOSANA} invoke [1]"),
            "Program data: AQI=".to_owned(),
            format!("Program {OTHER} invoke [2]"),
            "Program data: AwQ=".to_owned(),
            format!("Program log: Program {OTHER} success"),
            format!("Program log: a line break\nProgram {OTHER} success"),
            "Program data: BQ== Bg==".to_owned(),
            format!("Program {OTHER} consumed 12 of 200000 compute units"),
            format!("Program {OTHER} success"),
            "Program data: Bw==".to_owned(),
            "Program data: not base64".to_owned(),
            format!("Program {NOSANA} success"),
            "Program data: CA==".to_owned(),
        ];

        let found: Vec<_> = logged_data(&logs)
            .into_iter()
            .map(|(program, data)| (program.to_string(), data))
            .collect();

        let expected = [
            (NOSANA.to_owned(), vec![1, 2]),
            (OTHER.to_owned(), vec![3, 4]),
            (OTHER.to_owned(), vec![5, 6]),
            (NOSANA.to_owned(), vec![7]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_innermost_failed_program_is_found() {
        let logs = [
            format!("Program {NOSANA} invoke [1]"),
            format!("Program {OTHER} invoke [2]"),
            format!("Program {OTHER} failed: custom program error: 0x1"),
            format!("Program {NOSANA} failed: custom program error: 0x1"),
        ];
        assert_eq!(
            find_failed_program(&logs).map(|program| program.to_string()).as_deref(),
            Some(OTHER)
        );

        assert!(!is_truncated(&logs));
        assert!(is_truncated(&["Log truncated"]));
    }
}

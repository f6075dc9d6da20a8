//! Checks of the network and its clock.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Error, Result};
use nosana_client::Session;

use super::{finding::Finding, programs::check_programs};
use crate::commands::{connection::ConnectionOptions, dates::format_time};

/// The largest difference between the clocks that needs no advice, in seconds.
const MAX_CLOCK_DIFFERENCE: u64 = 30;

/// Checks the network. Without one, the other checks of it are left out.
pub async fn check_network(connection: &ConnectionOptions) -> Vec<Finding> {
    let session = match connection.open_session().await {
        Ok(session) => session,
        Err(error) => return vec![Finding::bad("network", &error)],
    };

    let url = connection.find_url().unwrap_or_default();
    vec![
        Finding::good("network", format!("{url} answers")),
        check_websocket(&session).await,
        find(check_programs(&session).await, "programs"),
        check_clock(&session).await,
    ]
}

fn find(checked: Result<String>, name: &'static str) -> Finding {
    match checked {
        Ok(text) => Finding::good(name, text),
        Err(error) => Finding::bad(name, &error),
    }
}

async fn check_websocket(session: &Session) -> Finding {
    match session.open_websocket().await {
        Ok(()) => Finding::good("websocket", "it answers"),
        Err(error) => Finding::missing(
            "websocket",
            format!("{error}; --ws names another; without it, waiting reads every 2 s"),
        ),
    }
}

/// Compares this machine's clock with the chain's, which decides about every deadline.
async fn check_clock(session: &Session) -> Finding {
    let chain = match session.fetch_clock().await {
        Ok(clock) => clock.unix_timestamp,
        Err(error) => return Finding::bad("clock", &Error::new(error)),
    };
    let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    compare_clocks(i64::try_from(here).unwrap_or(i64::MAX), chain)
}

/// Compares the time of this machine with the chain's, both in seconds since 1970.
fn compare_clocks(here: i64, chain: i64) -> Finding {
    let difference = here.abs_diff(chain);
    let text =
        format!("the chain's says {}, {difference} s from this machine's", format_time(chain));

    if difference <= MAX_CLOCK_DIFFERENCE {
        Finding::good("clock", text)
    } else {
        Finding::missing(
            "clock",
            format!(
                "{text}; the chain's decides: set this machine's by NTP (`timedatectl set-ntp 1`)"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    #[test]
    fn a_clock_that_is_wrong_in_either_direction_comes_with_advice() {
        const HERE: i64 = 1_800_000_060;

        for difference in [0, 30, -30] {
            let near = compare_clocks(HERE, HERE + difference);
            assert_eq!((near.name, near.outcome), ("clock", Outcome::Good), "{difference}");
            assert!(near.text.contains("2027-01-15 08:0"), "{}", near.text);
            assert!(!near.text.contains("timedatectl"), "{}", near.text);
        }
        for difference in [31, -31] {
            let far = compare_clocks(HERE, HERE + difference);
            assert_eq!((far.name, far.outcome), ("clock", Outcome::Missing), "{difference}");
            assert!(far.text.contains(", 31 s from this machine's; "), "{}", far.text);
            assert!(far.text.contains("`timedatectl set-ntp 1`"), "{}", far.text);
        }
    }
}

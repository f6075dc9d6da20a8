//! Names of containers and volumes. They contain the process that created them, so that those of a
//! dead node can be distinguished from those of a living one and removed.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);
/// Prefix of every name.
const PREFIX: &str = "nosana-job-";

/// Returns a name that is unique on this host.
pub(crate) fn unique_name() -> String {
    let process = std::process::id();
    let started = start_time(process).unwrap_or(0);
    let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);

    format!("{PREFIX}{process}-{started}-{number}")
}

/// Whether no living process owns a container or volume of this software.
pub(crate) fn is_orphan(name: &str) -> bool {
    let owner = || {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u64>().ok()?))
    };

    owner().is_some_and(|(process, started)| start_time(process).unwrap_or(u64::MAX) != started)
}

/// Returns when a process started, in ticks since the start of the system; `None` if it does not
/// run. One that was killed is listed until its parent has waited for it.
fn start_time(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may contain any character, also brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();

    let is_dead = matches!(fields.next()?, "Z" | "X" | "x");
    let started = fields.nth(18)?.parse().ok()?;
    (!is_dead).then_some(started)
}

#[cfg(test)]
mod tests {
    use std::{
        process::Command,
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn only_names_of_dead_processes_are_orphans() {
        let own = unique_name();
        assert!(!is_orphan(&own) && !is_orphan(&format!("{own}-data")));
        assert_ne!(own, unique_name());
        let id = std::process::id();
        assert!(is_orphan(&format!("{PREFIX}{id}-1-0")), "an earlier process had this id");
        assert!(!is_orphan("postgres") && !is_orphan("nosana-job-x-1"));
    }

    #[test]
    fn a_killed_process_is_dead_before_its_parent_has_waited_for_it() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let started = start_time(child.id()).unwrap();
        let name = format!("{PREFIX}{}-{started}-0", child.id());
        assert!(!is_orphan(&name));

        child.kill().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_orphan(&name) {
            assert!(Instant::now() < deadline, "the killed process counts as living");
            thread::sleep(Duration::from_millis(10));
        }
        let listed = fs::exists(format!("/proc/{}/stat", child.id())).unwrap();
        assert!(listed, "nobody has waited for it");
        child.wait().unwrap();
    }
}

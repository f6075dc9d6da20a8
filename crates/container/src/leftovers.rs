//! Containers and volumes of nodes that are gone. Names contain the process that created them, so
//! that those of a dead node can be distinguished from those of a living one and removed.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::Engine;

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

/// Removes containers and volumes that no living process owns. What cannot be removed stays: it may
/// belong to another user.
pub(crate) fn remove_orphans(engine: &Engine) {
    let orphans = |listed: String| -> Vec<String> {
        listed.lines().map(str::trim).filter(|name| is_orphan(name)).map(str::to_owned).collect()
    };

    let containers = engine.call(&["ps", "--all", "--format", "{{.Names}}"]).map(orphans);
    for name in containers.unwrap_or_default() {
        let _ = engine.call(&["rm", "--force", "--volumes", &name]);
    }

    let volumes = engine.call(&["volume", "ls", "--format", "{{.Name}}"]).map(orphans);
    for name in volumes.unwrap_or_default() {
        let _ = engine.call(&["volume", "rm", "--force", &name]);
    }
}

fn is_orphan(name: &str) -> bool {
    let owner = || {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u64>().ok()?))
    };

    owner().is_some_and(|(process, started)| start_time(process).unwrap_or(u64::MAX) != started)
}

/// Returns when a process started, in ticks since the start of the system; `None` if it does not
/// exist.
fn start_time(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may contain any character, also brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
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
}

//! Containers and volumes are named after the process that made them, so that those of a dead node
//! can be told from those of a living one and removed.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::Engine;

static NEXT: AtomicU64 = AtomicU64::new(0);
/// What every name begins with.
const PREFIX: &str = "nosana-job-";

/// A name that nothing else on this host has.
pub(crate) fn new_name() -> String {
    let own = std::process::id();
    format!("{PREFIX}{own}-{}-{}", began(own).unwrap_or(0), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Removes what no living process owns. What cannot be removed is left: it may belong to somebody
/// else.
pub(crate) fn remove(engine: &Engine) {
    let of_the_dead = |listed: String| -> Vec<String> {
        listed.lines().map(str::trim).filter(|name| is_orphan(name)).map(str::to_owned).collect()
    };
    let containers = engine
        .call(&["ps", "--all", "--format", "{{.Names}}"])
        .map(of_the_dead)
        .unwrap_or_default();
    for name in containers {
        let _ = engine.call(&["rm", "--force", "--volumes", &name]);
    }
    let volumes = engine
        .call(&["volume", "ls", "--format", "{{.Name}}"])
        .map(of_the_dead)
        .unwrap_or_default();
    for name in volumes {
        let _ = engine.call(&["volume", "rm", "--force", &name]);
    }
}

fn is_orphan(name: &str) -> bool {
    let owner = || {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u64>().ok()?))
    };
    owner().is_some_and(|(process, start)| began(process).unwrap_or(u64::MAX) != start)
}

/// When a process began, in ticks since the start of the system; none if there is no such process.
fn began(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything, further brackets too.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_dead_have_orphans() {
        let own = new_name();
        assert!(!is_orphan(&own) && !is_orphan(&format!("{own}-data")));
        assert_ne!(own, new_name());
        let id = std::process::id();
        assert!(is_orphan(&format!("{PREFIX}{id}-1-0")), "an earlier process had this number");
        assert!(!is_orphan("postgres") && !is_orphan("nosana-job-x-1"));
    }
}

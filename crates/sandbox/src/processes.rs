//! The processes of a sandbox, seen from the host: for hosts whose cgroups cannot be used.

use std::{
    collections::{HashMap, HashSet},
    fs,
};

/// What a tree of processes uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Memory that is not backed by files, in bytes, swapped or not.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub tasks: u64,
}

struct Process {
    parent: u32,
    usage: Usage,
}

/// The descendants of `root`, and what they use together. `root` itself is left out: it is bubblewrap's.
pub(crate) fn below(root: u32) -> (Vec<u32>, Usage) {
    let mut children: HashMap<u32, Vec<(u32, Usage)>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(process) = fs::read_to_string(entry.path().join("status")).ok().and_then(|status| parse(&status)) {
            children.entry(process.parent).or_default().push((id, process.usage));
        }
    }
    // Entries are not read at one moment: a reused number could close a circle.
    let mut seen = HashSet::from([root]);
    let mut rest = vec![root];
    let mut found = Vec::new();
    let mut total = Usage::default();
    while let Some(parent) = rest.pop() {
        for (id, usage) in children.get(&parent).into_iter().flatten() {
            if seen.insert(*id) {
                total.memory_bytes += usage.memory_bytes;
                total.tasks += usage.tasks;
                rest.push(*id);
                found.push(*id);
            }
        }
    }
    (found, total)
}

/// When a process began, in ticks since the start of the system: with its number, this names it for good. `None` if it
/// is gone or only its exit code is left.
pub(crate) fn began(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything, further brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    fields.nth(18)?.parse().ok().filter(|_| !matches!(state, "Z" | "X"))
}

/// The memory that the host can still give, in bytes.
pub(crate) fn available_bytes() -> Option<u64> {
    Some(number(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable")? << 10)
}

/// The number in the line `name: number …`.
fn number(lines: &str, name: &str) -> Option<u64> {
    let line = lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn parse(status: &str) -> Option<Process> {
    let number = |name| number(status, name);
    let kib = |name| number(name).unwrap_or(0);
    let memory_bytes = (kib("RssAnon") + kib("VmSwap")) << 10;
    // The dead whom nobody waited for have no threads, but take a place.
    let tasks = number("Threads").unwrap_or(0).max(1);
    Some(Process { parent: number("PPid")?.try_into().ok()?, usage: Usage { memory_bytes, tasks } })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn children_are_counted_and_the_dead_are_not_running() {
        let root = std::process::id();
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let (found, usage) = below(root);
        assert!(usage.tasks >= 1 && found.contains(&child.id()));
        assert!(available_bytes().is_some_and(|available| available > 1 << 20));
        assert!(began(child.id()).is_some_and(|began| began >= began_of(root)));
        child.kill().unwrap();
        let id = child.id();
        child.wait().unwrap();
        assert_eq!(began(id), None);
    }

    fn began_of(process: u32) -> u64 {
        began(process).unwrap()
    }
}

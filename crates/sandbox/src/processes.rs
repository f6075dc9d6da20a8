//! The processes of a sandbox, seen from the host: for hosts whose cgroups cannot be used.

use std::{
    collections::{HashMap, HashSet},
    fs,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags, PROC_SUPER_MAGIC, fstat, fstatfs, open};

/// Where the host's processes are.
const PROC: &str = "/proc";

/// What a tree of processes uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Memory that is not backed by files, in bytes, swapped or not.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub tasks: u64,
}

/// A sandbox's processes at one moment, without the first, which is bubblewrap's.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The `/proc` whose numbers these are.
    pub proc: PathBuf,
    pub ids: Vec<u32>,
    /// What they use together.
    pub usage: Usage,
}

/// A sandbox's processes, to be looked at again and again.
#[derive(Debug)]
pub(crate) struct Processes {
    first: u32,
    /// The sandbox's own `/proc`: it shows nothing else, so that a look costs the same on a busy
    /// host.
    inner: Option<OwnedFd>,
}

impl Processes {
    /// Of the sandbox whose first process has this number on the host.
    pub fn of(first: u32) -> Self {
        Self { first, inner: None }
    }

    pub fn look(&mut self) -> Seen {
        // It is there soon after the start, if this process may look in.
        self.inner = self.inner.take().or_else(|| inner_proc(self.first));
        let Some(inner) = &self.inner else { return below(self.first) };
        let proc = PathBuf::from(format!("/proc/self/fd/{}", inner.as_raw_fd()));
        let (mut ids, mut usage) = (Vec::new(), Usage::default());
        for (id, process) in all(&proc).filter(|(id, _)| *id != 1) {
            usage.add(process.usage);
            ids.push(id);
        }
        Seen { proc, ids, usage }
    }
}

/// The `/proc` that a sandbox sees. Before it is made, its first process still sees the host's.
fn inner_proc(first: u32) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = open(format!("/proc/{first}/root/proc"), flags, Mode::empty()).ok()?;
    let is_proc = fstatfs(&folder).is_ok_and(|found| found.f_type == PROC_SUPER_MAGIC);
    let is_other = fstat(&folder).ok()?.st_dev != fs::metadata(PROC).ok()?.dev();
    (is_proc && is_other).then_some(folder)
}

impl Usage {
    fn add(&mut self, other: Self) {
        self.memory_bytes += other.memory_bytes;
        self.tasks += other.tasks;
    }
}

struct Process {
    parent: u32,
    usage: Usage,
}

/// Every process there.
fn all(proc: &Path) -> impl Iterator<Item = (u32, Process)> + use<> {
    fs::read_dir(proc).into_iter().flatten().flatten().filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        Some((id, parse(&fs::read_to_string(entry.path().join("status")).ok()?)?))
    })
}

/// The descendants of `root` by their numbers on the host, and what they use together; without
/// `root` itself.
pub(crate) fn below(root: u32) -> Seen {
    let mut children: HashMap<u32, Vec<(u32, Usage)>> = HashMap::new();
    for (id, process) in all(Path::new(PROC)) {
        children.entry(process.parent).or_default().push((id, process.usage));
    }
    // Entries are not read at one moment: a reused number could close a circle.
    let mut known = HashSet::from([root]);
    let mut rest = vec![root];
    let mut seen = Seen { proc: PROC.into(), ids: Vec::new(), usage: Usage::default() };
    while let Some(parent) = rest.pop() {
        for (id, usage) in children.get(&parent).into_iter().flatten() {
            if known.insert(*id) {
                seen.usage.add(*usage);
                rest.push(*id);
                seen.ids.push(*id);
            }
        }
    }
    seen
}

/// When a process began, in ticks since the start of the system: with its number, this names it for
/// good. `None` if it is gone or only its exit code is left.
pub(crate) fn began(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything, further brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    fields.nth(18)?.parse().ok().filter(|_| !matches!(state, "Z" | "X"))
}

/// The memory that the host can still give, in bytes.
pub(crate) fn available_bytes() -> Option<u64> {
    meminfo("MemAvailable")
}

/// All of the host's memory, in bytes.
pub(crate) fn total_bytes() -> Option<u64> {
    meminfo("MemTotal")
}

fn meminfo(name: &str) -> Option<u64> {
    Some(number(&fs::read_to_string("/proc/meminfo").ok()?, name)? << 10)
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
        let seen = below(root);
        assert!(seen.usage.tasks >= 1 && seen.ids.contains(&child.id()));
        assert!(available_bytes().is_some_and(|available| available > 1 << 20));
        assert!(began(child.id()).is_some_and(|began| began >= began_of(root)));
        child.kill().unwrap();
        let id = child.id();
        child.wait().unwrap();
        assert_eq!(began(id), None);
    }

    #[test]
    fn a_look_into_a_sandbox_sees_nothing_else() {
        let line = "exec 3>&1; exec bwrap --unshare-pid --unshare-user --die-with-parent --json-status-fd 3 \
                    --dev-bind / / --proc /proc sh -c 'sleep 60 & sleep 60'";
        let mut monitor =
            Command::new("bash").args(["-c", line]).stdout(Stdio::piped()).spawn().unwrap();
        let mut report = std::io::BufReader::new(monitor.stdout.take().unwrap());
        let first = crate::status::first_process(&mut report).unwrap();
        let mut processes = Processes::of(first);
        let begun = std::time::Instant::now();
        loop {
            let seen = processes.look();
            // Never the host's processes, even while the sandbox is being made.
            assert!(seen.usage.tasks <= 4, "{seen:?}");
            if seen.usage.tasks == 3
                && processes.inner.is_some()
                && seen.ids.iter().all(|id| *id < 10)
            {
                break;
            }
            assert!(begun.elapsed().as_secs() < 20, "{seen:?}");
        }
        assert_eq!(crate::open_files::nameless(&processes.look()), Default::default());
        monitor.kill().unwrap();
        monitor.wait().unwrap();
    }

    fn began_of(process: u32) -> u64 {
        began(process).unwrap()
    }
}

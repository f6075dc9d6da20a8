//! The processes of a sandbox as the host sees them, for hosts whose cgroups cannot be used.

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

use crate::procfs::{PROC, Usage, list_processes};

/// A sandbox's processes at one moment, without the first, which is bubblewrap's.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The `/proc` to which the ids belong.
    pub proc: PathBuf,
    pub ids: Vec<u32>,
    /// What they use together.
    pub usage: Usage,
}

/// A sandbox's processes, of which snapshots are taken repeatedly.
#[derive(Debug)]
pub(crate) struct Processes {
    first: u32,
    /// The sandbox's own `/proc`: it shows no other processes, so that a snapshot costs no more on
    /// a busy host.
    inner: Option<OwnedFd>,
}

impl Processes {
    /// Watches the sandbox whose first process has this id on the host.
    pub fn new(first: u32) -> Self {
        Self { first, inner: None }
    }

    pub fn take_snapshot(&mut self) -> Snapshot {
        // The inner `/proc` exists soon after the start, if this process may open it.
        self.inner = self.inner.take().or_else(|| open_inner_proc(self.first));
        let Some(inner) = &self.inner else { return descendants_of(self.first) };

        let proc = PathBuf::from(format!("/proc/self/fd/{}", inner.as_raw_fd()));
        let mut ids = Vec::new();
        let mut usage = Usage::default();
        for (id, process) in list_processes(&proc).filter(|(id, _)| *id != 1) {
            usage.add_usage(process.usage);
            ids.push(id);
        }
        Snapshot { proc, ids, usage }
    }
}

/// Opens the `/proc` that a sandbox sees. Before it is mounted, the sandbox's first process still
/// sees the host's, and this returns `None`.
fn open_inner_proc(first: u32) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = open(format!("/proc/{first}/root/proc"), flags, Mode::empty()).ok()?;

    let is_proc = fstatfs(&folder).is_ok_and(|found| found.f_type == PROC_SUPER_MAGIC);
    let is_other = fstat(&folder).ok()?.st_dev != fs::metadata(PROC).ok()?.dev();
    (is_proc && is_other).then_some(folder)
}

/// Returns the descendants of `root` by their ids on the host, without `root` itself.
pub(crate) fn descendants_of(root: u32) -> Snapshot {
    let mut children: HashMap<u32, Vec<(u32, Usage)>> = HashMap::new();
    for (id, process) in list_processes(Path::new(PROC)) {
        children.entry(process.parent).or_default().push((id, process.usage));
    }

    // Entries are not read at one moment: a reused id could close a circle.
    let mut known = HashSet::from([root]);
    let mut rest = vec![root];
    let mut snapshot = Snapshot { proc: PROC.into(), ids: Vec::new(), usage: Usage::default() };
    while let Some(parent) = rest.pop() {
        for (id, usage) in children.get(&parent).into_iter().flatten() {
            if known.insert(*id) {
                snapshot.usage.add_usage(*usage);
                rest.push(*id);
                snapshot.ids.push(*id);
            }
        }
    }
    snapshot
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn children_are_counted() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let snapshot = descendants_of(std::process::id());
        assert!(snapshot.usage.tasks >= 1 && snapshot.ids.contains(&child.id()));

        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_snapshot_of_a_sandbox_has_no_other_processes() {
        let line = "exec 3>&1; exec bwrap --unshare-pid --unshare-user --die-with-parent \
                    --json-status-fd 3 --dev-bind / / --proc /proc sh -c 'sleep 60 & sleep 60'";
        let mut monitor =
            Command::new("bash").args(["-c", line]).stdout(Stdio::piped()).spawn().unwrap();
        let mut report = std::io::BufReader::new(monitor.stdout.take().unwrap());
        let first = crate::status::read_first_process(&mut report).unwrap();
        let mut processes = Processes::new(first);
        let begun = std::time::Instant::now();
        loop {
            let snapshot = processes.take_snapshot();

            // Never the host's processes, even while the sandbox is being created.
            assert!(snapshot.usage.tasks <= 4, "{snapshot:?}");
            if snapshot.usage.tasks == 3
                && processes.inner.is_some()
                && snapshot.ids.iter().all(|id| *id < 10)
            {
                break;
            }
            assert!(begun.elapsed().as_secs() < 20, "{snapshot:?}");
        }
        assert_eq!(
            crate::open_files::measure_unlinked(&processes.take_snapshot()),
            Default::default()
        );
        monitor.kill().unwrap();
        monitor.wait().unwrap();
    }
}

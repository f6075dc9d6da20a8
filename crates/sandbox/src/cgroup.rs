//! Groups of processes that the kernel bounds: cgroup v2.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use crate::{Limit, Limits, SandboxConfig, SandboxError, error::io};

/// Where version 2 is mounted: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
/// bubblewrap has two processes of its own.
const OWN_PROCESSES: u64 = 2;
/// The period of processor time, in microseconds.
const PERIOD_MICROSECONDS: u64 = 100_000;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A place where groups can be made.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    parent: PathBuf,
    /// Whether processor time can be bounded there.
    pub has_cpu: bool,
}

impl Groups {
    /// A place where groups can be made and have the controllers that are needed. Only a trial
    /// shows whether processes can be moved there.
    pub fn find(config: &SandboxConfig) -> Option<Self> {
        if let Some(parent) = &config.cgroup_parent {
            return Self::at(parent);
        }
        // A user's services can make groups beside their own.
        let own = fs::read_to_string("/proc/self/cgroup").ok().and_then(|groups| beside(&groups));
        let candidates = |mount: &str| {
            let mount = Path::new(mount);
            let beside = own.as_ref().map(|own| mount.join(own));
            beside.into_iter().chain([mount.to_owned()]).collect::<Vec<_>>()
        };
        MOUNTS.iter().flat_map(|mount| candidates(mount)).find_map(|parent| Self::at(&parent))
    }

    fn at(parent: &Path) -> Option<Self> {
        if !parent.join("cgroup.controllers").is_file() {
            return None;
        }
        let trial = Group::create(parent).ok()?;
        let has = |file: &str| trial.folder.join(file).is_file();
        (has("memory.max") && has("pids.max"))
            .then(|| Self { parent: parent.to_owned(), has_cpu: has("cpu.max") })
    }

    /// Makes a group with these bounds.
    pub fn make(&self, limits: &Limits) -> Result<Group, SandboxError> {
        let group = Group::create(&self.parent)?;
        group.write("memory.max", &limits.memory_bytes.to_string())?;
        group.write("pids.max", &(limits.processes + OWN_PROCESSES).to_string())?;
        // Kernels without swap have no such file.
        let _ = group.write("memory.swap.max", "0");
        let _ = group.write("memory.oom.group", "1");
        if self.has_cpu {
            // Between groups, the niceness of processes does not count.
            let _ = group.write("cpu.weight.nice", "10");
            group.write(
                "cpu.max",
                &format!("{} {PERIOD_MICROSECONDS}", limits.cpus * PERIOD_MICROSECONDS),
            )?;
        }
        Ok(group)
    }
}

/// A group. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    folder: PathBuf,
}

impl Group {
    pub fn create(parent: &Path) -> Result<Self, SandboxError> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("nosana-{}-{number}", std::process::id()));
        fs::create_dir(&folder).map_err(io("make", &folder))?;
        Ok(Self { folder })
    }

    /// Moves a process into the group; its later children are born there.
    pub fn add(&self, process: u32) -> Result<(), SandboxError> {
        self.write("cgroup.procs", &process.to_string())
    }

    /// The bound that the group has hit.
    pub fn exceeded(&self) -> Option<Limit> {
        let count = |file: &str, event: &str| {
            fs::read_to_string(self.folder.join(file))
                .map_or(0, |events| event_count(&events, event))
        };
        if count("memory.events", "oom_kill") > 0 {
            return Some(Limit::Memory);
        }
        (count("pids.events", "max") > 0).then_some(Limit::Processes)
    }

    fn write(&self, file: &str, value: &str) -> Result<(), SandboxError> {
        let path = self.folder.join(file);
        fs::write(&path, value).map_err(io("write", &path))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel needs a moment to forget the dead.
        for _ in 0..50 {
            if fs::remove_dir(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn event_count(events: &str, event: &str) -> u64 {
    let line = events.lines().find_map(|line| line.strip_prefix(event)?.strip_prefix(' '));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// The group above one's own in version 2, relative to the mount.
fn beside(groups: &str) -> Option<PathBuf> {
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Path::new(own).parent().map(Path::to_owned).filter(|parent| !parent.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_kernel_are_understood() {
        let events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n";
        assert_eq!(event_count(events, "oom_kill"), 2);
        assert_eq!(event_count(events, "max"), 12);
        assert_eq!(event_count("", "max"), 0);
        let groups = "4:memory:/x\n0::/user.slice/app.slice/nosana.service\n";
        assert_eq!(beside(groups), Some("user.slice/app.slice".into()));
        assert_eq!(beside("0::/\n"), None);
    }
}

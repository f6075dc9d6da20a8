//! Process groups with limits that the kernel enforces: cgroup v2.

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
const BUBBLEWRAP_PROCESSES: u64 = 2;
/// The period of processor time, in microseconds.
const CPU_PERIOD_MICROSECONDS: u64 = 100_000;
/// How often the removal of a group is tried.
const REMOVE_TRIES: usize = 50;
/// The time between two of these tries.
const REMOVE_DELAY: Duration = Duration::from_millis(2);

static NEXT_GROUP: AtomicU64 = AtomicU64::new(0);

/// A folder in which groups can be created.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    parent: PathBuf,
    /// Whether processor time can be limited there.
    pub has_cpu: bool,
}

impl Groups {
    /// Finds a folder in which groups can be created and have the required controllers. Whether
    /// processes can be moved there, only a trial can show.
    pub fn find_parent(config: &SandboxConfig) -> Option<Self> {
        if let Some(parent) = &config.cgroup_parent {
            return Self::try_parent(parent);
        }

        // A user's services can create groups beside their own.
        let own = fs::read_to_string("/proc/self/cgroup").ok();
        let own_parent = own.and_then(|groups| parent_of_own(&groups));
        let candidates = |mount: &str| {
            let mount = Path::new(mount);
            let beside = own_parent.as_ref().map(|parent| mount.join(parent));
            beside.into_iter().chain([mount.to_owned()]).collect::<Vec<_>>()
        };

        let mut parents = MOUNTS.iter().flat_map(|mount| candidates(mount));
        parents.find_map(|parent| Self::try_parent(&parent))
    }

    fn try_parent(parent: &Path) -> Option<Self> {
        if !parent.join("cgroup.controllers").is_file() {
            return None;
        }

        let trial = Group::create_in(parent).ok()?;
        let has = |file: &str| trial.folder.join(file).is_file();
        (has("memory.max") && has("pids.max"))
            .then(|| Self { parent: parent.to_owned(), has_cpu: has("cpu.max") })
    }

    /// Creates a group with these limits.
    pub fn create_group(&self, limits: &Limits) -> Result<Group, SandboxError> {
        let group = Group::create_in(&self.parent)?;
        group.write_file("memory.max", &limits.memory_bytes.to_string())?;
        group.write_file("pids.max", &(limits.processes + BUBBLEWRAP_PROCESSES).to_string())?;

        // Kernels without swap have no such file.
        let _ = group.write_file("memory.swap.max", "0");
        let _ = group.write_file("memory.oom.group", "1");

        if self.has_cpu {
            // Between groups, the niceness of processes does not count.
            let _ = group.write_file("cpu.weight.nice", "10");
            let quota_microseconds = limits.cpus * CPU_PERIOD_MICROSECONDS;
            let quota = format!("{quota_microseconds} {CPU_PERIOD_MICROSECONDS}");
            group.write_file("cpu.max", &quota)?;
        }
        Ok(group)
    }
}

/// A group. It is removed on drop.
#[derive(Debug)]
pub(crate) struct Group {
    folder: PathBuf,
}

impl Group {
    pub fn create_in(parent: &Path) -> Result<Self, SandboxError> {
        let number = NEXT_GROUP.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("nosana-{}-{number}", std::process::id()));

        fs::create_dir(&folder).map_err(io("create", &folder))?;
        Ok(Self { folder })
    }

    /// Moves a process into the group; children that it starts later belong to the group too.
    pub fn add_process(&self, process: u32) -> Result<(), SandboxError> {
        self.write_file("cgroup.procs", &process.to_string())
    }

    /// Returns the limit that the group has reached.
    pub fn exceeded_limit(&self) -> Option<Limit> {
        let count = |file: &str, event: &str| {
            fs::read_to_string(self.folder.join(file))
                .map_or(0, |events| event_count(&events, event))
        };

        if count("memory.events", "oom_kill") > 0 {
            return Some(Limit::Memory);
        }
        (count("pids.events", "max") > 0).then_some(Limit::Processes)
    }

    fn write_file(&self, file: &str, value: &str) -> Result<(), SandboxError> {
        let path = self.folder.join(file);
        fs::write(&path, value).map_err(io("write", &path))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel refuses for a moment after the group's last process has ended.
        for _ in 0..REMOVE_TRIES {
            if fs::remove_dir(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            thread::sleep(REMOVE_DELAY);
        }
    }
}

/// Returns the count of `event` in a group's file of events.
fn event_count(events: &str, event: &str) -> u64 {
    let line = events.lines().find_map(|line| line.strip_prefix(event)?.strip_prefix(' '));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Returns the parent of this process's group in version 2, relative to the mount.
fn parent_of_own(groups: &str) -> Option<PathBuf> {
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Path::new(own).parent().map(Path::to_owned).filter(|parent| !parent.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel_are_parsed() {
        let events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n";
        assert_eq!(event_count(events, "oom_kill"), 2);
        assert_eq!(event_count(events, "max"), 12);
        assert_eq!(event_count("", "max"), 0);
        let groups = "4:memory:/x\n0::/user.slice/app.slice/nosana.service\n";
        assert_eq!(parent_of_own(groups), Some("user.slice/app.slice".into()));
        assert_eq!(parent_of_own("0::/\n"), None);
    }
}

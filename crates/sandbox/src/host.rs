//! What the machine has for a job, so that limits beyond it are refused before anything runs.

use std::{
    fmt, fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread::available_parallelism,
};

use rustix::fs::statvfs;

use crate::{
    Limits, Sandbox, SandboxError,
    disk::{MIN_FREE_BYTES, free_bytes},
    processes::total_bytes,
};

/// Memory that the node and the system keep for themselves, in bytes.
const RESERVED_BYTES: u64 = 512 << 20;
/// Processes that they keep.
const RESERVED_PROCESSES: u64 = 512;
/// Where version 2 of cgroups is mounted, or version 1 with a folder for each controller.
const CGROUPS: &str = "/sys/fs/cgroup";

/// What a machine has for one job that runs alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Memory, in bytes, less what the node keeps; as little as a container or a service of the
    /// system allows.
    pub memory_bytes: u64,
    /// Processor cores.
    pub cpus: u64,
    /// Processes and threads.
    pub processes: u64,
    /// What is free on the disk where jobs work, in bytes, less what must stay free.
    pub disk_bytes: u64,
}

/// What a machine may have too little of.
#[derive(Clone, Copy, Debug)]
enum Resource {
    Memory,
    Cpus,
    Processes,
    Disk,
}

impl Sandbox {
    /// What this machine has for a job now. What it does not tell is not bounded.
    pub fn host(&self) -> Host {
        let disk = statvfs(&self.config.scratch_parent).map_or(u64::MAX, |disk| free_bytes(&disk));
        let [memory, limited] = ["memory", "pids"].map(own_bound);
        let (pid_max, threads_max) = (kernel("kernel/pid_max"), kernel("kernel/threads-max"));
        Host {
            memory_bytes: total_bytes()
                .unwrap_or(u64::MAX)
                .min(memory)
                .saturating_sub(RESERVED_BYTES),
            cpus: available_parallelism()
                .map_or(u64::MAX, |cpus: NonZero<usize>| cpus.get() as u64),
            processes: limited.min(pid_max).min(threads_max).saturating_sub(RESERVED_PROCESSES),
            disk_bytes: disk.saturating_sub(MIN_FREE_BYTES),
        }
    }

    /// Whether this machine has as much as a job may use.
    ///
    /// # Errors
    /// If it has less; the error says of what.
    pub fn fits(&self, limits: &Limits) -> Result<(), SandboxError> {
        self.host().fits(limits)
    }
}

impl Host {
    /// Whether it has as much as a job may use.
    ///
    /// # Errors
    /// If it has less; the error says of what.
    pub fn fits(&self, limits: &Limits) -> Result<(), SandboxError> {
        let needs = [
            (Resource::Memory, limits.memory_bytes, self.memory_bytes),
            (Resource::Cpus, limits.cpus, self.cpus),
            (Resource::Processes, limits.processes, self.processes),
            (Resource::Disk, limits.disk_bytes, self.disk_bytes),
        ];
        match needs.into_iter().find(|(_, asked, has)| asked > has) {
            Some((resource, asked, has)) => Err(SandboxError::TooLarge {
                asked: resource.amount(asked, true),
                has: resource.amount(has, false),
            }),
            None => Ok(()),
        }
    }
}

impl Resource {
    /// So much of it, in words. What is asked for is rounded up and what is there down: they never
    /// look alike.
    fn amount(self, amount: u64, round_up: bool) -> String {
        if matches!(self, Self::Cpus | Self::Processes) {
            return format!("{amount} {self}");
        }
        let (unit, shift) = if amount >= 10 << 30 { ("GiB", 30) } else { ("MiB", 20) };
        let tenths = u128::from(amount) * 10;
        let tenths = if round_up { tenths.div_ceil(1 << shift) } else { tenths >> shift };
        let rest = tenths % 10;
        let fraction = if rest == 0 { String::new() } else { format!(".{rest}") };
        format!("{}{fraction} {unit} of {self}", tenths / 10)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Cpus => "cores",
            Self::Processes => "processes",
            Self::Disk => "disk",
        })
    }
}

/// The number in a file of `/proc/sys`.
fn kernel(name: &str) -> u64 {
    number(&Path::new("/proc/sys").join(name)).unwrap_or(u64::MAX)
}

/// The bound that the system, or the container around this process, sets by a controller.
fn own_bound(controller: &str) -> u64 {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    bound_files(&own, controller).iter().filter_map(|file| number(file)).min().unwrap_or(u64::MAX)
}

/// Where bounds may be: in this process's group and in all above it, of both versions.
fn bound_files(own: &str, controller: &str) -> Vec<PathBuf> {
    let names = match controller {
        "memory" => ["memory.max", "memory.limit_in_bytes"],
        _ => ["pids.max", "pids.max"],
    };
    let mut files = Vec::new();
    for line in own.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (mount, name) = match controllers {
            "" => (PathBuf::from(CGROUPS), names[0]),
            _ if controllers.split(',').any(|one| one == controller) => {
                (Path::new(CGROUPS).join(controllers), names[1])
            }
            _ => continue,
        };
        let path = Path::new(path.trim_start_matches('/'));
        files.extend(path.ancestors().map(|group| mount.join(group).join(name)));
    }
    files
}

/// `max` is no number, and no bound.
fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_does_not_have_is_named() {
        let host =
            Host { memory_bytes: 15 << 30, cpus: 8, processes: 4_000, disk_bytes: 100 << 30 };
        let fits = |limits: Limits| host.fits(&limits).map_err(|error| error.to_string());
        let limits = Limits::default();
        assert_eq!(fits(limits), Ok(()));
        assert_eq!(
            fits(Limits { memory_bytes: 15 << 30, cpus: 8, processes: 4_000, ..limits }),
            Ok(())
        );
        let refused = |limits: Limits| fits(limits).unwrap_err();
        let text = refused(Limits { memory_bytes: 64 << 30, ..limits });
        assert!(
            text.starts_with("the job may use 64 GiB of memory, this machine has 15 GiB of memory"),
            "{text}"
        );
        let text = refused(Limits { memory_bytes: (15 << 30) + 1, ..limits });
        assert!(text.contains("15.1 GiB") && text.contains("15 GiB"), "{text}");
        assert!(
            refused(Limits { cpus: 9, ..limits }).contains("9 cores, this machine has 8 cores")
        );
        assert!(refused(Limits { processes: 5_000, ..limits }).contains("has 4000 processes"));
        assert!(refused(Limits { disk_bytes: u64::MAX, ..limits }).contains("has 100 GiB of disk"));
    }

    #[test]
    fn bounds_of_all_groups_above_count() {
        let own = "4:memory:/a/b\n3:cpu,cpuacct:/\n0::/user/node.service\n";
        let files = |controller| {
            bound_files(own, controller).into_iter().map(|file| file.display().to_string())
        };
        let memory: Vec<_> = files("memory").collect();
        assert!(
            memory.contains(&"/sys/fs/cgroup/memory/a/memory.limit_in_bytes".to_owned()),
            "{memory:?}"
        );
        assert!(
            memory.contains(&"/sys/fs/cgroup/user/node.service/memory.max".to_owned()),
            "{memory:?}"
        );
        assert!(memory.contains(&"/sys/fs/cgroup/memory.max".to_owned()), "{memory:?}");
        assert_eq!(memory.len(), 6);
        assert_eq!(files("pids").count(), 3);
    }
}

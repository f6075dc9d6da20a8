//! What the machine has for a job, so that larger limits are refused before a command runs.

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
    procfs::total_memory_bytes,
};

/// Memory that is reserved for the node and the system, in bytes.
const RESERVED_BYTES: u64 = 512 << 20;
/// Processes that are reserved for them.
const RESERVED_PROCESSES: u64 = 512;
/// Where version 2 of cgroups is mounted, or version 1 with a folder for each controller.
const CGROUPS: &str = "/sys/fs/cgroup";

/// What a machine has for one job that runs alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostResources {
    /// Memory in bytes, without the node's reserve. A limit of the container or the system service
    /// around the node applies.
    pub memory_bytes: u64,
    /// Processor cores.
    pub cpus: u64,
    /// Processes and threads.
    pub processes: u64,
    /// Free bytes on the disk of the jobs' folders, without those that must stay free.
    pub disk_bytes: u64,
}

/// A resource that a machine may have too little of.
#[derive(Clone, Copy, Debug)]
enum Resource {
    Memory,
    Cpus,
    Processes,
    Disk,
}

impl Sandbox {
    /// Returns what this machine has for a job now. A resource that the system does not report
    /// counts as unlimited.
    pub fn host_resources(&self) -> HostResources {
        let disk = statvfs(&self.config.scratch_parent).map_or(u64::MAX, |disk| free_bytes(&disk));

        let total_memory = total_memory_bytes().unwrap_or(u64::MAX);
        let [memory_limit, process_limit] = ["memory", "pids"].map(own_limit);

        let pid_max = kernel_setting("kernel/pid_max");
        let threads_max = kernel_setting("kernel/threads-max");
        let processes = process_limit.min(pid_max).min(threads_max);

        HostResources {
            memory_bytes: total_memory.min(memory_limit).saturating_sub(RESERVED_BYTES),
            cpus: available_parallelism()
                .map_or(u64::MAX, |cpus: NonZero<usize>| cpus.get() as u64),
            processes: processes.saturating_sub(RESERVED_PROCESSES),
            disk_bytes: disk.saturating_sub(MIN_FREE_BYTES),
        }
    }

    /// Checks that this machine has as much as a job may use.
    ///
    /// # Errors
    /// If it has less; the error names the resource.
    pub fn check_limits(&self, limits: &Limits) -> Result<(), SandboxError> {
        self.host_resources().check_limits(limits)
    }
}

impl HostResources {
    /// Checks that the machine has as much as a job may use.
    ///
    /// # Errors
    /// If it has less; the error names the resource.
    pub fn check_limits(&self, limits: &Limits) -> Result<(), SandboxError> {
        let needs = [
            (Resource::Memory, limits.memory_bytes, self.memory_bytes),
            (Resource::Cpus, limits.cpus, self.cpus),
            (Resource::Processes, limits.processes, self.processes),
            (Resource::Disk, limits.disk_bytes, self.disk_bytes),
        ];

        match needs.into_iter().find(|(_, requested, has)| requested > has) {
            Some((resource, requested, has)) => Err(SandboxError::TooLarge {
                requested: resource.format_amount(requested, true),
                has: resource.format_amount(has, false),
            }),
            None => Ok(()),
        }
    }
}

impl Resource {
    /// Formats an amount of the resource. What a job may use is rounded up and what the machine has
    /// is rounded down, so that the two never read alike.
    fn format_amount(self, amount: u64, round_up: bool) -> String {
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

/// Reads a number from a file of `/proc/sys`.
fn kernel_setting(name: &str) -> u64 {
    read_number(&Path::new("/proc/sys").join(name)).unwrap_or(u64::MAX)
}

/// Returns the limit that the system, or the container around this process, sets with a controller.
fn own_limit(controller: &str) -> u64 {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let files = limit_files(&own, controller);

    files.iter().filter_map(|file| read_number(file)).min().unwrap_or(u64::MAX)
}

/// Returns the files that may hold limits: of this process's group and all above it, in both
/// versions.
fn limit_files(own: &str, controller: &str) -> Vec<PathBuf> {
    let [v2_name, v1_name] = match controller {
        "memory" => ["memory.max", "memory.limit_in_bytes"],
        _ => ["pids.max", "pids.max"],
    };

    let mut files = Vec::new();
    for line in own.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };

        let (mount, name) = match controllers {
            "" => (PathBuf::from(CGROUPS), v2_name),
            _ if controllers.split(',').any(|one| one == controller) => {
                (Path::new(CGROUPS).join(controllers), v1_name)
            }
            _ => continue,
        };

        let path = Path::new(path.trim_start_matches('/'));
        files.extend(path.ancestors().map(|group| mount.join(group).join(name)));
    }
    files
}

/// Reads the number in a file. `max`, which means unlimited, is not a number.
fn read_number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_resource_is_named() {
        let host = HostResources {
            memory_bytes: 15 << 30,
            cpus: 8,
            processes: 4_000,
            disk_bytes: 100 << 30,
        };
        let fits = |limits: Limits| host.check_limits(&limits).map_err(|error| error.to_string());
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
    fn limits_of_all_groups_above_count() {
        let own = "4:memory:/a/b\n3:cpu,cpuacct:/\n0::/user/node.service\n";
        let files = |controller| {
            limit_files(own, controller).into_iter().map(|file| file.display().to_string())
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

//! How bubblewrap is called.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Request, SandboxConfig, Scratch, cgroup::Groups};

/// Folders of the system that programs need. Where they are links, as on most systems, they become
/// the same links.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
/// What programs need of the host's `/etc`, where it exists: how to find libraries, and public
/// certificates.
const ETC: [&str; 9] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];
/// The files of `/etc` that are written for the sandbox.
const OWN_ETC: [&str; 4] = ["passwd", "group", "hosts", "nsswitch.conf"];
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// `/dev/shm` lies in memory, in bytes.
const SHARED_MEMORY_BYTES: u64 = 64 << 20;
/// Processes that the kernel allows beyond the limit, so that the count can tell that it was
/// passed.
const SPARE_PROCESSES: u64 = 32;

/// The options of bubblewrap and the command behind them. File descriptor 3 takes bubblewrap's
/// report, the command waits until something can be read from 4.
pub(crate) fn arguments(
    config: &SandboxConfig,
    scratch: &Scratch,
    request: &Request<'_>,
    groups: Option<&Groups>,
) -> Vec<String> {
    let mut options = Options(Vec::new());
    for flag in ["user", "pid", "ipc", "uts", "cgroup-try"] {
        options.add([&format!("--unshare-{flag}")]);
    }
    if !request.network {
        options.add(["--unshare-net"]);
    }
    options.add([
        "--disable-userns",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--hostname",
        "sandbox",
        "--cap-drop",
        "ALL",
    ]);
    options.add(["--die-with-parent", "--new-session", "--json-status-fd", "3", "--block-fd", "4"]);
    mounts(&mut options, config, scratch, request);
    options.add(["--clearenv"]);
    let path = config.path.iter().map(String::as_str).chain([PATH]).collect::<Vec<_>>().join(":");
    let ours = [("PATH", path.as_str()), ("HOME", "/work/.home"), ("LANG", "C.UTF-8")];
    for (name, value) in ours {
        options.add(["--setenv", name, value]);
    }
    options.add(["--chdir", "/work", "--"]);
    bounds(&mut options, request, groups);
    // Behind the bounds: with a variable like LD_PRELOAD, a client's code would run in the programs
    // that set them.
    options.add(["/usr/bin/env", "--"]);
    options.0.extend(request.env.iter().map(|(name, value)| format!("{name}={value}")));
    // A folder that is not there is the command's failure, and not the sandbox's. `env` would take
    // a program with a `=` in its name for a variable.
    let is_odd = request.argv.first().is_some_and(|program| program.contains('='));
    if is_odd || !matches!(request.directory, "" | ".") {
        let folder = if request.directory.is_empty() { "." } else { request.directory };
        options.add(["/bin/sh", "-c", "cd -- \"$0\" && exec \"$@\"", folder]);
    }
    options.0.extend(request.argv.iter().cloned());
    options.0
}

struct Options(Vec<String>);

impl Options {
    fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(str::to_owned));
    }

    fn bind(&mut self, how: &str, host: &Path, inside: &Path) {
        self.add([how, &host.to_string_lossy(), &inside.to_string_lossy()]);
    }
}

/// The file system. Later mounts lie on earlier ones; the root is closed at the end.
fn mounts(options: &mut Options, config: &SandboxConfig, scratch: &Scratch, request: &Request<'_>) {
    for folder in SYSTEM.map(Path::new) {
        match fs::read_link(folder) {
            Ok(target) => options.bind("--symlink", &target, folder),
            Err(_) if folder.is_dir() => options.bind("--ro-bind", folder, folder),
            Err(_) => {}
        }
    }
    options.add(["--dir", "/etc", "--dir", "/etc/ssl"]);
    for path in ETC.map(Path::new) {
        options.bind("--ro-bind-try", path, path);
    }
    let resolv = request.network.then_some("resolv.conf");
    for name in OWN_ETC.into_iter().chain(resolv) {
        options.bind("--ro-bind", &scratch.etc().join(name), &Path::new("/etc").join(name));
    }
    // Through `/proc`, a command would take back what makes the kernel end it first.
    options.add(["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]);
    options.add([
        "--size",
        &SHARED_MEMORY_BYTES.to_string(),
        "--tmpfs",
        "/dev/shm",
        "--remount-ro",
        "/dev",
    ]);
    options.add(["--dir", "/run", "--dir", "/var", "--symlink", "../tmp", "/var/tmp"]);
    options.bind("--bind", &scratch.tmp(), Path::new("/tmp"));
    options.bind("--bind", &scratch.work(), Path::new("/work"));
    for bind in &config.read_only {
        options.bind("--ro-bind", &bind.host, &bind.inside);
    }
    options.add(["--remount-ro", "/"]);
}

/// What the kernel bounds by itself for each process.
fn bounds(options: &mut Options, request: &Request<'_>, groups: Option<&Groups>) {
    let limits = &request.limits;
    let is_timed = groups.is_some_and(|groups| groups.has_cpu);
    if !is_timed && let Some(cores) = first_cores(limits.cpus) {
        options.add(["/usr/bin/taskset", "-c", &cores]);
    }
    // Some hosts let users go before others.
    options.add(["/usr/bin/prlimit", "--nice=0:0", "--rtprio=0:0"]);
    options.add(["--core=0", &format!("--fsize={}", limits.disk_bytes)]);
    if groups.is_none() {
        // Reserved memory does not count as data, so that Go, Java and V8 start; the sum is watched
        // from outside.
        options.add([&format!("--data={}", limits.memory_bytes.saturating_mul(2))]);
        options.add([&format!("--nproc={}", limits.processes + SPARE_PROCESSES)]);
    }
    options.add(["--"]);
}

/// The first `count` cores that this process may use, as `taskset` takes them.
fn first_cores(count: u64) -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    take_cores(list.trim(), usize::try_from(count).ok()?)
}

fn take_cores(list: &str, count: usize) -> Option<String> {
    let mut cores = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cores.extend(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?);
    }
    cores.truncate(count);
    (!cores.is_empty()).then(|| cores.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
}

/// Where a program is, by the `PATH` of this process.
pub(crate) fn find_program(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.is_file().then(|| name.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| PATH.into());
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::take_cores;

    #[test]
    fn cores_are_taken_from_the_front() {
        assert_eq!(take_cores("0-3", 2).as_deref(), Some("0,1"));
        assert_eq!(take_cores("1,4-5", 9).as_deref(), Some("1,4,5"));
        assert_eq!(take_cores("", 1), None);
    }
}

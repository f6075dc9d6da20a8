//! The command line of bubblewrap.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Request, SandboxConfig, Scratch, cgroup::Groups, scratch::EMPTY_FILE};

/// Folders of the system that programs need. Where they are links, as on most systems, the sandbox
/// has identical links.
const SYSTEM_FOLDERS: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
/// What programs need of the host's `/etc`, where it exists: how to find libraries and fonts, public
/// certificates, and the names of services. None of it is known to hold secrets.
const HOST_ETC: [&str; 13] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/mime.types",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];
/// The files of `/etc` that are written for the sandbox.
const OWN_ETC: [&str; 4] = ["passwd", "group", "hosts", "nsswitch.conf"];
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Size of `/dev/shm`, which is held in memory, in bytes.
const SHARED_MEMORY_BYTES: u64 = 64 << 20;
/// Processes that the kernel allows beyond the limit, so that the count can show that the limit is
/// exceeded.
const SPARE_PROCESSES: u64 = 32;

/// Files of `/proc` that show the keys of the host's users.
const KEY_FILES: [&str; 2] = ["/proc/keys", "/proc/key-users"];

/// Returns the options of bubblewrap and the command after them. bubblewrap writes its report to
/// file descriptor 3; the command waits until a byte can be read from file descriptor 4. The
/// programs of the filter are in 5 and 6.
pub(crate) fn bubblewrap_arguments(
    config: &SandboxConfig,
    scratch: &Scratch,
    request: &Request<'_>,
    groups: Option<&Groups>,
) -> Vec<String> {
    let mut options = Options(Vec::new());

    for flag in ["user", "pid", "ipc", "uts", "cgroup-try"] {
        options.push([&format!("--unshare-{flag}")]);
    }
    if !request.network {
        options.push(["--unshare-net"]);
    }
    options.push(["--disable-userns", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"]);
    options.push(["--cap-drop", "ALL"]);
    options.push(["--die-with-parent", "--new-session"]);
    options.push(["--json-status-fd", "3", "--block-fd", "4"]);
    options.push(["--add-seccomp-fd", "5", "--add-seccomp-fd", "6"]);

    push_mounts(&mut options, config, scratch, request);

    options.push(["--clearenv"]);
    let path: Vec<_> = config.path.iter().map(String::as_str).chain([DEFAULT_PATH]).collect();
    let path = path.join(":");
    for (name, value) in [("PATH", path.as_str()), ("HOME", "/work/.home"), ("LANG", "C.UTF-8")] {
        options.push(["--setenv", name, value]);
    }
    options.push(["--chdir", "/work", "--"]);

    push_process_limits(&mut options, request, groups);
    push_command(&mut options, request);
    options.0
}

/// Arguments in the order in which they were pushed.
struct Options(Vec<String>);

impl Options {
    fn push<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(str::to_owned));
    }

    fn push_bind(&mut self, option: &str, host: &Path, inside: &Path) {
        self.push([option, &host.to_string_lossy(), &inside.to_string_lossy()]);
    }
}

/// Adds the file system. Later mounts cover earlier ones; the root becomes read-only at the end.
fn push_mounts(
    options: &mut Options,
    config: &SandboxConfig,
    scratch: &Scratch,
    request: &Request<'_>,
) {
    for folder in SYSTEM_FOLDERS.map(Path::new) {
        match fs::read_link(folder) {
            Ok(target) => options.push_bind("--symlink", &target, folder),
            Err(_) if folder.is_dir() => options.push_bind("--ro-bind", folder, folder),
            Err(_) => {}
        }
    }

    options.push(["--dir", "/etc", "--dir", "/etc/ssl"]);
    for path in HOST_ETC.map(PathBuf::from).into_iter().chain(list_java_folders()) {
        options.push_bind("--ro-bind-try", &path, &path);
    }
    let resolv = request.network.then_some("resolv.conf");
    for name in OWN_ETC.into_iter().chain(resolv) {
        let inside = Path::new("/etc").join(name);
        options.push_bind("--ro-bind", &scratch.etc_folder().join(name), &inside);
    }

    // Through a writable `/proc`, a command could undo that the kernel ends it before the node.
    options.push(["--proc", "/proc"]);
    let empty = scratch.etc_folder().join(EMPTY_FILE);
    for file in KEY_FILES.map(Path::new).into_iter().filter(|file| file.exists()) {
        options.push_bind("--ro-bind", &empty, file);
    }
    options.push(["--remount-ro", "/proc", "--dev", "/dev"]);
    options.push(["--size", &SHARED_MEMORY_BYTES.to_string(), "--tmpfs", "/dev/shm"]);
    options.push(["--remount-ro", "/dev"]);

    options.push(["--dir", "/run", "--dir", "/var", "--symlink", "../tmp", "/var/tmp"]);
    options.push_bind("--bind", &scratch.tmp_folder(), Path::new("/tmp"));
    options.push_bind("--bind", &scratch.work_folder(), Path::new("/work"));
    for mount in &config.read_only {
        options.push_bind("--ro-bind", &mount.host, &mount.inside);
    }
    options.push(["--remount-ro", "/"]);
}

/// Lists the host's settings of Java, without which it does not start. The version is in the name.
fn list_java_folders() -> Vec<PathBuf> {
    let entries = fs::read_dir("/etc").into_iter().flatten().flatten();
    let java = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"java"));
    java.map(|entry| entry.path()).collect()
}

/// Adds the programs that set the limits that the kernel enforces for each process.
fn push_process_limits(options: &mut Options, request: &Request<'_>, groups: Option<&Groups>) {
    let limits = &request.limits;

    let has_cpu_limit = groups.is_some_and(|groups| groups.has_cpu);
    if !has_cpu_limit && let Some(cores) = first_cores(limits.cpus) {
        options.push(["/usr/bin/taskset", "-c", &cores]);
    }

    // Some hosts let users raise the priority of their processes.
    options.push(["/usr/bin/prlimit", "--nice=0:0", "--rtprio=0:0"]);
    options.push(["--core=0", &format!("--fsize={}", limits.disk_bytes)]);
    if groups.is_none() {
        // Reserved memory does not count as data, so that Go, Java and V8 start; the sum is watched
        // from outside.
        options.push([&format!("--data={}", limits.memory_bytes.saturating_mul(2))]);
        options.push([&format!("--nproc={}", limits.processes + SPARE_PROCESSES)]);
    }
    options.push(["--"]);
}

/// Adds the client's variables and command.
fn push_command(options: &mut Options, request: &Request<'_>) {
    // After the limits: with a variable like LD_PRELOAD, a client's code would run in the programs
    // that set them.
    options.push(["/usr/bin/env", "--"]);
    options.0.extend(request.env.iter().map(|(name, value)| format!("{name}={value}")));

    // A missing folder is the command's failure, not the sandbox's. `env` would take a program with
    // a `=` in its name for a variable.
    let is_like_variable = request.argv.first().is_some_and(|program| program.contains('='));
    if is_like_variable || !matches!(request.directory, "" | ".") {
        let folder = if request.directory.is_empty() { "." } else { request.directory };
        options.push(["/bin/sh", "-c", "cd -- \"$0\" && exec \"$@\"", folder]);
    }
    options.0.extend(request.argv.iter().cloned());
}

/// Returns the first `count` cores that this process may use, in the format of `taskset`.
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

/// Finds a program by the `PATH` of this process.
pub(crate) fn find_program(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.is_file().then(|| name.to_owned());
    }

    let path = std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
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

//! The machine, the versions, the commit and the day of the measurements.

use std::{fs, path::Path, process::Command, thread};

use super::{capture::capture_output, revision::Revision, versions::find_versions};

/// What is shown where something is not known.
pub const UNKNOWN: &str = "not known";

/// The packages of the on-chain workspace whose versions are shown.
const PROGRAM_PACKAGES: [&str; 2] = ["anchor-lang", "pinocchio"];
/// Those of the host workspace.
const HOST_PACKAGES: [&str; 7] = [
    "solana-program-test",
    "solana-svm",
    "solana-sbpf",
    "solana-cost-model",
    "litesvm",
    "surfpool-core",
    "llama-cpp-2",
];

/// The environment of the measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The model of the processor, and the cores that this process may use.
    pub machine: String,
    /// The memory of the machine.
    pub memory: String,
    /// The operating system.
    pub system: String,
    /// The version of the Rust compiler.
    pub rustc: String,
    /// Versions of packages in the lock files.
    pub packages: Vec<(&'static str, String)>,
    /// The commit of the checkout, and how many files differ from it.
    pub revision: Revision,
    /// The day, in UTC: `2026-11-30`.
    pub date: String,
}

impl Environment {
    /// Reads everything of this machine and of the checkout in `root`. What cannot be read is
    /// `not known`.
    pub fn read(root: &Path) -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let lock = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();

        let programs = find_versions(&lock("programs/Cargo.lock"), &PROGRAM_PACKAGES);
        let host = find_versions(&lock("Cargo.lock"), &HOST_PACKAGES);
        let rustc = capture_line(Command::new("rustc").arg("--version").current_dir(root));
        let date = capture_line(Command::new("date").args(["-u", "+%F"]));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            machine: describe_machine(&text("/proc/cpuinfo"), cores),
            memory: describe_memory(&text("/proc/meminfo")),
            system: describe_system(&text("/etc/os-release")),
            rustc: rustc.unwrap_or_else(|| UNKNOWN.to_owned()),
            packages: programs.into_iter().chain(host).collect(),
            revision: Revision::read(root),
            date: date.unwrap_or_else(|| UNKNOWN.to_owned()),
        }
    }

    /// Returns all facts with their names.
    pub fn list_facts(&self) -> Vec<(&'static str, String)> {
        let commit = self.revision.describe_commit();
        let mut facts = vec![
            ("commit", commit.unwrap_or_else(|| UNKNOWN.to_owned())),
            ("date", self.date.clone()),
            ("machine", self.machine.clone()),
            ("memory", self.memory.clone()),
            ("system", self.system.clone()),
            ("compiler of the host", self.rustc.clone()),
        ];
        facts.extend(self.packages.iter().cloned());
        facts
    }
}

fn describe_machine(cpuinfo: &str, cores: usize) -> String {
    let model = find_value(cpuinfo, "model name", ':').unwrap_or(std::env::consts::ARCH);
    let noun = if cores == 1 { "core" } else { "cores" };
    format!("{model}, {cores} {noun}")
}

fn describe_memory(meminfo: &str) -> String {
    let kib = find_value(meminfo, "MemTotal", ':').and_then(|total| total.strip_suffix(" kB"));
    let kib: Option<f64> = kib.and_then(|kib| kib.trim().parse().ok());

    kib.map_or_else(|| UNKNOWN.to_owned(), |kib| format!("{:.1} GiB", kib / 1_048_576.0))
}

fn describe_system(os_release: &str) -> String {
    let name = find_value(os_release, "PRETTY_NAME", '=').map(|name| name.trim_matches('"'));
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{}, {architecture}", name.unwrap_or(os))
}

/// Returns the value behind a key, of the first line that has it.
fn find_value<'a>(text: &'a str, key: &str, separator: char) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(separator));
    pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
}

fn capture_line(command: &mut Command) -> Option<String> {
    capture_output(command).map(|output| output.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_described() {
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: other\n";
        assert_eq!(describe_machine(cpuinfo, 2), "AMD EPYC 7B13, 2 cores");
        assert!(describe_machine("", 1).ends_with(", 1 core"));

        assert_eq!(describe_memory("MemFree: 5 kB\nMemTotal:  4194304 kB\n"), "4.0 GiB");
        assert_eq!(describe_memory(""), UNKNOWN);

        let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert!(describe_system(release).starts_with("Debian GNU/Linux 12 (bookworm), "));
    }

    #[test]
    fn a_folder_without_a_checkout_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::read(folder.path());
        assert_eq!(environment.list_facts()[0], ("commit", UNKNOWN.to_owned()));
        assert!(
            environment.packages.iter().all(|(_, version)| version == "not known"),
            "{environment:?}"
        );
        assert!(environment.list_facts().iter().all(|(_, fact)| !fact.is_empty()));
    }
}

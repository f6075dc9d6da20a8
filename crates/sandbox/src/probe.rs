//! Opens a sandbox: finds out what this host supports, by running a command.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    CancelToken, Limits, Outcome, Request, SandboxConfig, SandboxError, Scratch,
    cgroup::Groups,
    command::find_program,
    filter::{CallFilter, PROGRAM_COUNT},
    leftovers,
    procfs::find_number,
    users::Users,
};

/// The shell that starts bubblewrap.
pub(crate) const BASH: &str = "/bin/bash";
/// Programs that are required beside bubblewrap, and their packages. Those of util-linux set limits
/// inside the sandbox.
const REQUIRED_PROGRAMS: [(&str, &str); 4] = [
    (BASH, "bash"),
    ("/usr/bin/nice", "coreutils"),
    ("/usr/bin/prlimit", "util-linux"),
    ("/usr/bin/taskset", "util-linux"),
];

/// The command that shows what a sandbox is like.
const TRIAL: [&str; 2] = ["/bin/cat", "/proc/self/status"];

/// What `/proc` shows as `Seccomp` of a process with a filter.
const SECCOMP_MODE_FILTER: u64 = 2;

/// How cores are limited where processor time cannot be.
const AFFINITY: &str = "affinity, which the command can undo";

/// A host that can run commands in sandboxes.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) config: SandboxConfig,
    pub(crate) bubblewrap: PathBuf,
    /// The users who run commands and own their folders, if it is not the node's.
    pub(crate) users: Option<Users>,
    pub(crate) groups: Option<Groups>,
    pub(crate) filter: CallFilter,
}

/// The mechanism that enforces each limit, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// How memory is limited.
    pub memory: &'static str,
    /// How processes are limited.
    pub processes: &'static str,
    /// How processor cores are limited.
    pub cpus: &'static str,
    /// How disk space is limited.
    pub disk: &'static str,
    /// How system calls are limited.
    pub system_calls: &'static str,
}

impl Sandbox {
    /// Returns whether the node's owner lets commands use the host's network.
    pub fn gives_network(&self) -> bool {
        self.config.network
    }

    /// Finds bubblewrap, deletes the folders of jobs whose node was killed, and runs one command in
    /// a sandbox to find out what this host supports.
    ///
    /// # Errors
    /// If a program is missing, or this user cannot create sandboxes on this host, or the filter of
    /// system calls does not work; the error names what to change.
    pub fn open(config: SandboxConfig) -> Result<Self, SandboxError> {
        let bubblewrap = find_programs(&config)?;
        let users = Users::choose(&config)?;
        users.as_ref().map_or(Ok(()), |users| users.check_reachable(&config))?;

        // Before the trial, which fails on a full disk.
        leftovers::delete_leftovers(&config.scratch_parent);

        let groups = find_groups(&config)?;
        let filter = CallFilter::compile()?;
        let mut sandbox = Self { config, bubblewrap, users, groups, filter };
        if sandbox.groups.is_some() && sandbox.run_trial().is_err() {
            // Groups can be created, but processes cannot be moved there; the next trial shows
            // whether that was the only problem.
            sandbox.groups = None;
        }

        let outcome = sandbox.run_trial()?;
        let printed = String::from_utf8_lossy(&outcome.output);
        if !outcome.succeeded() {
            return Err(SandboxError::Setup(format!(
                "{} ended with {:?}, {:?}: {printed}",
                TRIAL.join(" "),
                outcome.exit_code,
                outcome.limit
            )));
        }

        check_filter(&printed)?;
        Ok(sandbox)
    }

    /// Creates the folders of one job.
    ///
    /// # Errors
    /// If they cannot be created.
    pub fn create_scratch(&self) -> Result<Scratch, SandboxError> {
        let owner = self.users.as_ref().map(Users::assign);
        let scratch = Scratch::new(&self.config.scratch_parent, owner)?;
        scratch.write_filter(&self.filter)?;
        Ok(scratch)
    }

    /// Returns how limits are enforced on this host.
    pub fn enforcement(&self) -> Enforcement {
        let disk = "folders measured while the command runs, RLIMIT_FSIZE for each file";
        let system_calls = "seccomp filter";

        match &self.groups {
            Some(groups) => Enforcement {
                memory: "cgroup v2 memory.max without swap",
                processes: "cgroup v2 pids.max",
                cpus: if groups.has_cpu { "cgroup v2 cpu.max" } else { AFFINITY },
                disk,
                system_calls,
            },
            None => Enforcement {
                memory: "sum of the processes' memory every 20 to 50 ms, RLIMIT_DATA for each at \
                         twice the limit",
                processes: "count of processes and threads every 20 to 50 ms, RLIMIT_NPROC 32 \
                            above the limit",
                cpus: AFFINITY,
                disk,
                system_calls,
            },
        }
    }

    fn run_trial(&self) -> Result<Outcome, SandboxError> {
        let scratch = self.create_scratch()?;
        let request = Request {
            argv: &TRIAL.map(str::to_owned),
            env: &BTreeMap::new(),
            directory: "",
            network: false,
            limits: Limits::default(),
            cancel: &CancelToken::default(),
            observer: None,
        };

        self.run(&scratch, &request)
    }
}

/// Checks that the process whose status this is runs under the filter, beside those of this
/// process, which it inherits.
fn check_filter(status: &str) -> Result<(), SandboxError> {
    let own = fs::read_to_string("/proc/self/status").unwrap_or_default();
    // Kernels before 5.9 do not count.
    let added = find_number(status, "Seccomp_filters").map(|count| {
        count.saturating_sub(find_number(&own, "Seccomp_filters").unwrap_or_default())
    });

    let is_filtered = find_number(status, "Seccomp") == Some(SECCOMP_MODE_FILTER);
    if is_filtered && added.is_none_or(|added| added == PROGRAM_COUNT as u64) {
        return Ok(());
    }
    Err(SandboxError::NoFilter(format!(
        "a command runs with {} of {PROGRAM_COUNT} programs",
        added.unwrap_or_default()
    )))
}

/// Returns the path of bubblewrap, after it has checked the other programs.
fn find_programs(config: &SandboxConfig) -> Result<PathBuf, SandboxError> {
    let missing = || SandboxError::NoBubblewrap {
        path: config.bubblewrap.clone(),
        source: ErrorKind::NotFound.into(),
    };
    let bubblewrap = find_program(&config.bubblewrap).ok_or_else(missing)?;

    let mut programs = REQUIRED_PROGRAMS.into_iter();
    match programs.find(|(path, _)| !Path::new(path).is_file()) {
        Some((path, package)) => Err(SandboxError::NoProgram { path, package }),
        None => Ok(bubblewrap),
    }
}

/// Returns where groups can be created. Only a folder that the owner has set is required to work.
fn find_groups(config: &SandboxConfig) -> Result<Option<Groups>, SandboxError> {
    let groups = Groups::find_parent(config);
    if let (Some(parent), None) = (&config.cgroup_parent, &groups) {
        let problem = format!(
            "no groups with `memory` and `pids` can be created in {}; enable both controllers in \
             its cgroup.subtree_control, or unset the variable",
            parent.display()
        );
        return Err(SandboxError::Setting { setting: "NOSANA_SANDBOX_CGROUP", problem });
    }
    Ok(groups)
}

//! What this host can do, found out by doing it.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{
    Cancel, Limits, Outcome, Request, SandboxConfig, SandboxError, Scratch,
    cgroup::Groups,
    command::find_program,
    config::{NOBODY, is_root},
    leftovers,
};

/// The shell that starts bubblewrap.
pub(crate) const BASH: &str = "/bin/bash";
/// Programs that are needed beside bubblewrap, and their packages. Those of util-linux set limits
/// within.
const PROGRAMS: [(&str, &str); 4] = [
    (BASH, "bash"),
    ("/usr/bin/nice", "coreutils"),
    ("/usr/bin/prlimit", "util-linux"),
    ("/usr/bin/taskset", "util-linux"),
];

/// How cores are bounded where processor time cannot be.
const AFFINITY: &str = "affinity, which the command can undo";

/// A host that can run commands in sandboxes.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) config: SandboxConfig,
    pub(crate) bubblewrap: PathBuf,
    /// Who runs commands and owns their folders, where that is somebody else.
    pub(crate) owner: Option<u32>,
    pub(crate) groups: Option<Groups>,
}

/// The mechanism behind each bound, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// How memory is bounded.
    pub memory: &'static str,
    /// How processes are bounded.
    pub processes: &'static str,
    /// How processor cores are bounded.
    pub cpus: &'static str,
    /// How disk space is bounded.
    pub disk: &'static str,
}

impl Sandbox {
    /// Whether the node's owner lets commands use the host's network.
    pub fn gives_network(&self) -> bool {
        self.config.network
    }

    /// Finds bubblewrap, deletes the folders of jobs whose node was killed, and runs one command in
    /// a sandbox to see what this host can do.
    ///
    /// # Errors
    /// If a program is missing, or the host makes no sandboxes for this user; the error says what
    /// to change.
    pub fn open(config: SandboxConfig) -> Result<Self, SandboxError> {
        let missing = || SandboxError::NoBubblewrap {
            path: config.bubblewrap.clone(),
            source: ErrorKind::NotFound.into(),
        };
        let bubblewrap = find_program(&config.bubblewrap).ok_or_else(missing)?;
        if let Some((path, package)) =
            PROGRAMS.into_iter().find(|(path, _)| !Path::new(path).is_file())
        {
            return Err(SandboxError::NoProgram { path, package });
        }
        let owner = is_root().then(|| config.run_as.unwrap_or(NOBODY));
        if owner == Some(0) {
            let problem = "commands must not run as root; choose a user above 0".to_owned();
            return Err(SandboxError::Setting { setting: "run_as", problem });
        }
        check_reachable(&config, owner)?;
        // Before the trial, which fails on a full disk.
        leftovers::sweep(&config.scratch_parent);
        let groups = Groups::find(&config);
        if let (Some(parent), None) = (&config.cgroup_parent, &groups) {
            let problem =
                format!("no groups with `memory` and `pids` can be made in {}", parent.display());
            return Err(SandboxError::Setting { setting: "NOSANA_SANDBOX_CGROUP", problem });
        }
        let mut sandbox = Self { config, bubblewrap, owner, groups };
        if sandbox.groups.is_some() && sandbox.trial().is_err() {
            // Groups can be made, but not joined: the next trial tells whether that was all.
            sandbox.groups = None;
        }
        let outcome = sandbox.trial()?;
        if outcome.succeeded() {
            return Ok(sandbox);
        }
        let said = String::from_utf8_lossy(&outcome.output).into_owned();
        Err(SandboxError::Setup(format!(
            "/bin/true ended with {:?}, {:?}: {said}",
            outcome.exit_code, outcome.limit
        )))
    }

    /// Folders for one job.
    ///
    /// # Errors
    /// If they cannot be made.
    pub fn scratch(&self) -> Result<Scratch, SandboxError> {
        Scratch::new(&self.config.scratch_parent, self.owner)
    }

    /// How commands are bounded on this host.
    pub fn enforcement(&self) -> Enforcement {
        let disk = "folders measured while the command runs, RLIMIT_FSIZE for each file";
        match &self.groups {
            Some(groups) => Enforcement {
                memory: "cgroup v2 memory.max without swap",
                processes: "cgroup v2 pids.max",
                cpus: if groups.has_cpu { "cgroup v2 cpu.max" } else { AFFINITY },
                disk,
            },
            None => Enforcement {
                memory: "sum of the processes' memory every 20 to 50 ms, RLIMIT_DATA for each at twice the bound",
                processes: "count of processes and threads every 20 to 50 ms, RLIMIT_NPROC 32 above the bound",
                cpus: AFFINITY,
                disk,
            },
        }
    }

    fn trial(&self) -> Result<Outcome, SandboxError> {
        let scratch = self.scratch()?;
        let (argv, env, limits) = (["/bin/true".to_owned()], BTreeMap::new(), Limits::default());
        let request = Request {
            argv: &argv,
            env: &env,
            directory: "",
            network: false,
            limits,
            cancel: &Cancel::default(),
            live: None,
        };
        self.run(&scratch, &request)
    }
}

/// Checks that another user can pass to what it is to read: bubblewrap would only say that nothing
/// is there.
fn check_reachable(config: &SandboxConfig, owner: Option<u32>) -> Result<(), SandboxError> {
    let scratch = ("NOSANA_SANDBOX_SCRATCH", config.scratch_parent.join("any"));
    let binds = config.read_only.iter().map(|bind| ("NOSANA_SANDBOX_READ_ONLY", bind.host.clone()));
    for (setting, path) in binds.chain([scratch]).filter(|_| owner.is_some()) {
        let is_closed = |folder: &&Path| {
            fs::metadata(folder)
                .is_ok_and(|found| found.mode() & 0o001 == 0 && Some(found.uid()) != owner)
        };
        if let Some(folder) = path.ancestors().skip(1).find(is_closed) {
            let (folder, path) = (folder.display(), path.display());
            let problem = format!(
                "{path} is out of reach for the user who runs commands, because {folder} is closed to others; run the \
                 node as the user who owns it, or use another folder"
            );
            return Err(SandboxError::Setting { setting, problem });
        }
    }
    Ok(())
}

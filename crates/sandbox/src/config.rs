//! Settings of the sandbox, which the node's owner chooses.

use std::{env, fs, ops::RangeInclusive, path::PathBuf};

use crate::SandboxError;

/// A folder or file of the host that commands can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindMount {
    /// Path on the host.
    pub host: PathBuf,
    /// Path inside the sandbox.
    pub inside: PathBuf,
}

/// Settings of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxConfig {
    /// The program `bwrap`.
    pub bubblewrap: PathBuf,
    /// The host's users, and groups, for commands if the node runs as root: one for each job that
    /// runs at the same time, as long as there are enough. Defaults to ids that no distribution
    /// assigns, or to `nobody` where files cannot belong to these. A node that does not run as root
    /// ignores this and runs commands as its own user.
    pub run_as: Option<RangeInclusive<u32>>,
    /// What commands can read beside the system's programs and libraries, for instance a compiler.
    pub read_only: Vec<BindMount>,
    /// Folders before the default `PATH`, as paths inside the sandbox.
    pub path: Vec<String>,
    /// Whether commands that request the network share the host's. They can connect to everything
    /// that the host can connect to, its own services included.
    pub network: bool,
    /// A cgroup v2 folder in which groups may be created, with the controllers `memory` and `pids`
    /// enabled for them. By default the usual folders are tried.
    pub cgroup_parent: Option<PathBuf>,
    /// Where the folders of jobs are created; defaults to the system's folder for temporary files.
    /// The user who runs commands must be able to reach it.
    pub scratch_parent: PathBuf,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            bubblewrap: "bwrap".into(),
            run_as: None,
            read_only: Vec::new(),
            path: Vec::new(),
            network: false,
            cgroup_parent: None,
            scratch_parent: env::temp_dir(),
        }
    }
}

impl SandboxConfig {
    /// Returns the default, changed by the environment:
    ///
    /// | variable | meaning |
    /// | --- | --- |
    /// | `NOSANA_SANDBOX_READ_ONLY` | more to read: `HOST` or `HOST=INSIDE`, separated by `:` |
    /// | `NOSANA_SANDBOX_PATH` | folders before the default `PATH`, separated by `:` |
    /// | `NOSANA_SANDBOX_NETWORK` | `1` lets commands use the network |
    /// | `NOSANA_SANDBOX_USER` | the host's users for commands, if root: `ID` or `FIRST-LAST` |
    /// | `NOSANA_SANDBOX_CGROUP` | a cgroup v2 folder in which groups may be created |
    /// | `NOSANA_SANDBOX_SCRATCH` | where the folders of jobs are created |
    ///
    /// # Errors
    /// If the value of a variable is not valid.
    pub fn from_env() -> Result<Self, SandboxError> {
        let mut config = Self::default();
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());

        if let Some(mounts) = text("NOSANA_SANDBOX_READ_ONLY") {
            config.read_only = mounts.split(':').map(parse_bind).collect::<Result<_, _>>()?;
        }
        if let Some(path) = text("NOSANA_SANDBOX_PATH") {
            config.path = path.split(':').map(str::to_owned).collect();
        }
        if let Some(network) = text("NOSANA_SANDBOX_NETWORK") {
            config.network = parse_network(&network)?;
        }
        if let Some(user) = text("NOSANA_SANDBOX_USER") {
            config.run_as = Some(parse_users(&user)?);
        }
        config.cgroup_parent = text("NOSANA_SANDBOX_CGROUP").map(PathBuf::from);
        if let Some(folder) = text("NOSANA_SANDBOX_SCRATCH") {
            config.scratch_parent = folder.into();
        }

        Ok(config)
    }
}

fn parse_bind(text: &str) -> Result<BindMount, SandboxError> {
    let (host, inside) = text.split_once('=').unwrap_or((text, text));
    let mount = BindMount { host: host.into(), inside: inside.into() };
    if mount.host.is_absolute() && mount.inside.is_absolute() {
        return Ok(mount);
    }

    let problem = format!(
        "`{text}` is not valid; give an absolute path, or `HOST=INSIDE` with two absolute paths"
    );
    Err(invalid_setting("NOSANA_SANDBOX_READ_ONLY", problem))
}

fn parse_network(text: &str) -> Result<bool, SandboxError> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(invalid_setting(
            "NOSANA_SANDBOX_NETWORK",
            format!("`{text}` is not valid; give 0 or 1"),
        )),
    }
}

fn parse_users(text: &str) -> Result<RangeInclusive<u32>, SandboxError> {
    let problem = || {
        format!(
            "`{text}` is not valid; give a user id above 0, or `FIRST-LAST` with one for each slot"
        )
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ids = first.parse().ok().zip(last.parse().ok()).map(|(first, last)| first..=last);

    // The highest number means no user.
    let valid = ids.filter(|ids| *ids.start() > 0 && *ids.end() < u32::MAX && !ids.is_empty());
    valid.ok_or_else(|| invalid_setting("NOSANA_SANDBOX_USER", problem()))
}

pub(crate) fn invalid_setting(setting: &'static str, problem: String) -> SandboxError {
    SandboxError::Setting { setting, problem }
}

/// Returns whether this process runs as root, and may therefore act as other users.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_a_range_above_root() {
        assert_eq!(parse_users("1000").unwrap(), 1000..=1000);
        assert_eq!(parse_users("1000-1015").unwrap(), 1000..=1015);
        for text in ["", "0", "0-5", "-5", "5-", "6-5", "1-4294967295", "nobody", "1-2-3", "1 - 2"]
        {
            let error = parse_users(text).unwrap_err().to_string();
            assert!(
                error.contains("NOSANA_SANDBOX_USER") && error.contains("FIRST-LAST"),
                "{text}"
            );
        }
    }

    #[test]
    fn binds_are_absolute() {
        let bind = parse_bind("/opt/rust=/usr/local/rust").unwrap();
        assert_eq!((bind.host, bind.inside), ("/opt/rust".into(), "/usr/local/rust".into()));
        assert_eq!(parse_bind("/opt").unwrap().inside, PathBuf::from("/opt"));
        for text in ["", "opt", "/opt=rust", "=/opt"] {
            assert!(parse_bind(text).is_err(), "{text}");
        }
    }
}

//! What the owner of a node decides about the sandbox.

use std::{env, fs, path::PathBuf};

use crate::SandboxError;

/// Who runs commands if the node runs as root and its owner named nobody: the user `nobody`.
pub(crate) const NOBODY: u32 = 65534;

/// A folder or file of the host that commands can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// Where it is on the host.
    pub host: PathBuf,
    /// Where commands see it.
    pub inside: PathBuf,
}

/// What the owner of a node decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxConfig {
    /// The program `bwrap`.
    pub bubblewrap: PathBuf,
    /// The host's user and group for commands if the node runs as root; by default those of
    /// `nobody`. A node that does not run as root runs commands as its own user, whatever this
    /// says.
    pub run_as: Option<u32>,
    /// What commands can read beside the system's programs and libraries, for instance a compiler.
    pub read_only: Vec<Bind>,
    /// Folders in front of `PATH`, as commands see them.
    pub path: Vec<String>,
    /// Whether commands that ask for the network get the host's. They reach everything that the
    /// host reaches, its own services included.
    pub network: bool,
    /// A cgroup v2 folder in which groups may be made, with the controllers `memory` and `pids` on
    /// for them. By default the usual places are tried.
    pub cgroup_parent: Option<PathBuf>,
    /// Where the folders of jobs are made; the system's folder for temporary files by default. The
    /// user who runs commands must be able to reach it.
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
    /// The default, changed by the environment:
    ///
    /// | variable | meaning |
    /// | --- | --- |
    /// | `NOSANA_SANDBOX_READ_ONLY` | more that commands can read: `HOST` or `HOST=INSIDE`, with `:` between two |
    /// | `NOSANA_SANDBOX_PATH` | folders in front of `PATH`, with `:` between two |
    /// | `NOSANA_SANDBOX_NETWORK` | `1` lets commands use the network |
    /// | `NOSANA_SANDBOX_USER` | the host's user id for commands, if the node runs as root |
    /// | `NOSANA_SANDBOX_CGROUP` | a cgroup v2 folder in which groups may be made |
    /// | `NOSANA_SANDBOX_SCRATCH` | where the folders of jobs are made |
    ///
    /// # Errors
    /// If a variable has a value that means nothing.
    pub fn from_env() -> Result<Self, SandboxError> {
        let mut config = Self::default();
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(binds) = text("NOSANA_SANDBOX_READ_ONLY") {
            config.read_only = binds.split(':').map(parse_bind).collect::<Result<_, _>>()?;
        }
        if let Some(path) = text("NOSANA_SANDBOX_PATH") {
            config.path = path.split(':').map(str::to_owned).collect();
        }
        if let Some(network) = text("NOSANA_SANDBOX_NETWORK") {
            config.network = match network.as_str() {
                "0" => false,
                "1" => true,
                _ => {
                    return Err(setting(
                        "NOSANA_SANDBOX_NETWORK",
                        format!("is `{network}`; give 0 or 1"),
                    ));
                }
            };
        }
        if let Some(user) = text("NOSANA_SANDBOX_USER") {
            let problem =
                || setting("NOSANA_SANDBOX_USER", format!("is `{user}`; give a number above 0"));
            config.run_as = Some(user.parse().ok().filter(|id| *id > 0).ok_or_else(problem)?);
        }
        config.cgroup_parent = text("NOSANA_SANDBOX_CGROUP").map(PathBuf::from);
        if let Some(folder) = text("NOSANA_SANDBOX_SCRATCH") {
            config.scratch_parent = folder.into();
        }
        Ok(config)
    }
}

fn parse_bind(text: &str) -> Result<Bind, SandboxError> {
    let (host, inside) = text.split_once('=').unwrap_or((text, text));
    let bind = Bind { host: host.into(), inside: inside.into() };
    if bind.host.is_absolute() && bind.inside.is_absolute() {
        return Ok(bind);
    }
    Err(setting(
        "NOSANA_SANDBOX_READ_ONLY",
        format!("`{text}` is not an absolute path, or `HOST=INSIDE` of two"),
    ))
}

fn setting(setting: &'static str, problem: String) -> SandboxError {
    SandboxError::Setting { setting, problem }
}

/// Whether this process is root: then it may become others.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

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

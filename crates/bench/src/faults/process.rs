//! The node as a process of its own: `nosana node run`, which can be killed.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result};
use nosana_localnet::World;
use solana_keypair::Keypair;
use tokio::process::{Child, Command};

use super::config::{FaultsConfig, SLOTS};

/// Starts processes of one node. They share the state folder, the store and a log file.
pub struct NodeLauncher {
    binary: PathBuf,
    arguments: Vec<String>,
    log: PathBuf,
}

impl NodeLauncher {
    /// Writes the node's key, and empties the log.
    pub fn prepare(config: &FaultsConfig, world: &World) -> Result<Self> {
        let folder = config.out.join("node");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let key = folder.join("key.json");
        write_key(&key, &world.node)?;
        let log = folder.join("node.log");
        File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;

        let show = |path: PathBuf| path.display().to_string();
        let options = [
            ("--url", world.network.rpc_url()),
            ("--ws", world.network.ws_url()),
            ("--keypair", show(key)),
            ("--store", show(config.out.join("store"))),
            ("--state", show(folder.join("state"))),
            ("--market", world.market.to_string()),
            ("--slots", SLOTS.to_string()),
            ("--min-free", "0".to_owned()),
        ];
        let options = options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        let arguments = ["node", "run"].map(str::to_owned).into_iter().chain(options).collect();
        Ok(Self { binary: config.binary.clone(), arguments, log })
    }

    /// The file to which all processes write.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// Starts a process. Dropping it kills it.
    pub fn launch(&self) -> Result<Child> {
        let open = || File::options().append(true).open(&self.log);
        let cannot_open = || format!("cannot write {}", self.log.display());
        let out = open().with_context(cannot_open)?;
        let errors = open().with_context(cannot_open)?;

        let mut command = Command::new(&self.binary);
        command
            .args(&self.arguments)
            .env("RUST_LOG", "warn,nosana=info")
            .env_remove("NOSANA_KILL_AT")
            .env_remove("NOSANA_IPFS")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .kill_on_drop(true);
        command.spawn().with_context(|| format!("cannot start {}", self.binary.display()))
    }
}

/// Writes a key in the format of `solana-keygen`, for this user alone.
fn write_key(path: &Path, key: &Keypair) -> Result<()> {
    let failed = || format!("cannot write the key {}", path.display());
    let bytes = serde_json::to_vec(&key.to_bytes().to_vec()).with_context(failed)?;
    let mut options = File::options();
    options.create(true).truncate(true).write(true).mode(0o600);

    options.open(path).and_then(|mut file| file.write_all(&bytes)).with_context(failed)
}

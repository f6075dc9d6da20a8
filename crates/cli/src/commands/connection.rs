//! Options that name the network, the key and the store.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use nosana_client::{Session, jobs::accounts::Config, pda};
use nosana_store::Store;
use solana_keypair::{Keypair, read_keypair_file};

use super::{
    context::CliContext,
    solana_config::{SolanaConfig, resolve_moniker},
};
use crate::localnet_files::LocalnetFolders;

/// Formats of a command's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Options of every command that uses the network. They default to the Solana tools'
/// configuration.
#[derive(Debug, Args)]
pub struct ConnectionOptions {
    /// JSON-RPC address, or localhost, devnet, testnet, mainnet-beta; defaults to the Solana tools'
    /// network, else to the local network
    #[arg(short, long, env = "NOSANA_URL")]
    url: Option<String>,
    /// Websocket address; defaults to the port above the RPC server's
    #[arg(long)]
    ws: Option<String>,
    /// File with your key, in the format of `solana-keygen`; defaults to the Solana tools' key
    #[arg(short, long, env = "NOSANA_KEYPAIR")]
    keypair: Option<PathBuf>,
    /// File with the Solana tools' configuration; defaults to ~/.config/solana/cli/config.yml
    #[arg(short = 'C', long)]
    config: Option<PathBuf>,
    /// Folder of the content store; defaults to the local network's
    #[arg(long, env = "NOSANA_STORE")]
    store: Option<PathBuf>,
    /// HTTP API of an IPFS node that shares the store's content with other machines, such as
    /// http://127.0.0.1:5001
    #[arg(long, env = "NOSANA_IPFS")]
    ipfs: Option<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    output: OutputFormat,
    /// Short for --output json
    #[arg(long)]
    json: bool,
}

impl ConnectionOptions {
    /// Whether the command prints JSON.
    pub fn is_json(&self) -> bool {
        self.json || self.output == OutputFormat::Json
    }

    /// Connects to the network, reads the key, opens the store, and fetches the mint.
    pub async fn connect(&self) -> Result<CliContext> {
        let solana_config = SolanaConfig::read(self.config.as_deref())?;

        let url = match self.url.as_ref().or(solana_config.json_rpc_url.as_ref()) {
            Some(url) => resolve_moniker(url),
            None => resolve_moniker("localhost"),
        };
        ensure!(
            url.starts_with("http://") || url.starts_with("https://"),
            "`{url}` is not a valid address of a network; \
             --url takes http://…, https://…, localhost, devnet, testnet or mainnet-beta"
        );
        let configured =
            solana_config.websocket_url.filter(|ws| self.url.is_none() && !ws.is_empty());
        let ws = self.ws.clone().or(configured).map_or_else(|| websocket_url(&url), Ok)?;
        let session = Session::connect(&url, &ws).await.with_context(|| {
            format!(
                "cannot reach a network at {url}; \
                 start one with `nosana localnet`, or name another with --url"
            )
        })?;

        let keypair = self.read_key(solana_config.keypair_path)?;
        let store = open_store(&url, self.store.as_deref())?;
        let store = match &self.ipfs {
            Some(ipfs) => store.with_ipfs(ipfs),
            None => store,
        };

        let jobs_config = session
            .fetch_account::<Config>(&pda::jobs::config())
            .await
            .context("the programs are not initialized on this network")?;
        Ok(CliContext { session, keypair, store, mint: jobs_config.nos_mint })
    }

    fn read_key(&self, configured: Option<PathBuf>) -> Result<Keypair> {
        let path = match self.keypair.clone().or(configured) {
            Some(path) => path,
            None => std::env::home_dir()
                .context("cannot find the home folder; name a key with --keypair")?
                .join(".config/solana/id.json"),
        };

        let keypair = read_keypair_file(&path).map_err(|error| {
            anyhow!(
                "cannot read the key {}: {error}; name another with --keypair FILE",
                path.display()
            )
        })?;
        warn_about_readers(&path);
        Ok(keypair)
    }
}

/// Opens the named store, else that of a local network. A mistyped folder would be an empty store,
/// and no node could read the definition of a job from it: so the parent folder must exist.
fn open_store(url: &str, named: Option<&Path>) -> Result<Store> {
    let folder = LocalnetFolders::choose(url, named.map(Path::to_owned))?.store;

    if named.is_some() && !folder.is_dir() {
        let parent = folder.parent().unwrap_or(&folder);
        ensure!(
            parent.is_dir(),
            "cannot find the folder {} for the store; name another with --store",
            parent.display()
        );
        eprintln!(
            "created an empty store in {}; a node reads jobs from there if it uses the same folder",
            folder.display()
        );
    }
    Ok(Store::open(folder)?)
}

/// Logs a warning if other users of this machine can read the key.
fn warn_about_readers(path: &Path) {
    let is_shared = |file: std::fs::Metadata| file.permissions().mode() & 0o077 != 0;

    if std::fs::metadata(path).is_ok_and(is_shared) {
        let path = path.display();
        tracing::warn!(
            "other users of this machine can read the key {path}; \
             `chmod 600 {path}` restricts it to you"
        );
    }
}

/// The websocket of an RPC server: the next port, as the Solana tools assume.
fn websocket_url(url: &str) -> Result<String> {
    let ws = url.replacen("http", "ws", 1);
    let Some((rest, port)) = ws.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok())
    else {
        return Ok(ws);
    };

    let next_port = port
        .parse::<u16>()?
        .checked_add(1)
        .context("no port is left above the RPC server's; name the websocket with --ws")?;
    Ok(format!("{rest}:{next_port}"))
}

#[cfg(test)]
mod tests {
    use super::websocket_url;

    #[test]
    fn the_websocket_is_at_the_next_port() {
        assert_eq!(websocket_url("http://127.0.0.1:8899").unwrap(), "ws://127.0.0.1:8900");
        assert_eq!(websocket_url("https://api.example.com").unwrap(), "wss://api.example.com");
        assert!(websocket_url("http://127.0.0.1:65535").is_err());
    }
}

//! Options that name the network, the key and the store.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use nosana_client::{Session, jobs::accounts::Config, pda, session::websocket_url};
use nosana_net::transport::RelayChoice;
use nosana_store::Store;
use solana_keypair::{Keypair, read_keypair_file};

use super::{
    client_network::ClientNetwork,
    context::CliContext,
    solana_config::{SolanaConfig, home_folder, resolve_moniker},
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
    /// Websocket address; defaults to that of the Solana tools' configuration if neither --url nor
    /// NOSANA_URL is given, else to the port above the RPC server's
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
    #[arg(long, env = "NOSANA_IPFS", value_parser = parse_ipfs)]
    ipfs: Option<String>,
    /// Relay through which nodes and clients reach each other: a URL, `public` for those of the iroh
    /// project, or `none`, with which no node's relay is used either; defaults to none on a local
    /// network, else to the public ones
    #[arg(long = "relay", env = "NOSANA_RELAY", value_name = "URL", value_delimiter = ',')]
    relays: Vec<String>,
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
        let session = self.open_session().await?;
        let keypair = self.read_key()?;
        let store = self.open_store()?;
        let network = ClientNetwork::new(session.clone(), &self.find_url()?, self.relays()?);

        let jobs_config = session
            .fetch_account::<Config>(&pda::jobs::config())
            .await
            .context("the programs are not initialized on this network")?;
        let mint = jobs_config.nos_mint;
        Ok(CliContext { session, keypair, payer: None, store, shared_store: None, network, mint })
    }

    /// Connects to the network.
    pub async fn open_session(&self) -> Result<Session> {
        let url = self.find_url()?;
        let ws = self.find_websocket(&url)?;

        Session::connect(&url, &ws).await.with_context(|| {
            format!(
                "cannot reach a network at {url}; \
                 start one with `nosana localnet`, or name another with --url"
            )
        })
    }

    /// Returns the RPC server's address.
    pub fn find_url(&self) -> Result<String> {
        let solana_config = SolanaConfig::read(self.config.as_deref())?;
        let url = match self.url.as_ref().or(solana_config.json_rpc_url.as_ref()) {
            Some(url) => resolve_moniker(url),
            None => resolve_moniker("localhost"),
        };

        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        ensure!(
            scheme.is_some_and(|scheme| scheme == "http" || scheme == "https"),
            "`{url}` is not a valid address of a network; \
             --url takes http://…, https://…, localhost, devnet, testnet or mainnet-beta"
        );
        Ok(url)
    }

    /// Returns the websocket's address. Fails if the RPC server's gives none: waiting for a job
    /// that is paid already must not fail for that.
    fn find_websocket(&self, url: &str) -> Result<String> {
        let solana_config = SolanaConfig::read(self.config.as_deref())?;
        let configured =
            solana_config.websocket_url.filter(|ws| self.url.is_none() && !ws.is_empty());

        let ws = match self.ws.clone().or(configured) {
            Some(ws) => ws,
            None => websocket_url(url).context("name the websocket with --ws")?,
        };
        let scheme = ws.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        ensure!(
            scheme.is_some_and(|scheme| scheme == "ws" || scheme == "wss"),
            "`{ws}` is not a valid address of a websocket; --ws takes ws://… or wss://…"
        );
        Ok(ws)
    }

    /// Returns the path of the key file.
    pub fn find_key_path(&self) -> Result<PathBuf> {
        let solana_config = SolanaConfig::read(self.config.as_deref())?;

        match self.keypair.clone().or(solana_config.keypair_path) {
            Some(path) => Ok(path),
            None => Ok(home_folder()
                .context("cannot find the home folder; name a key with --keypair")?
                .join(".config/solana/id.json")),
        }
    }

    /// Reads the key.
    pub fn read_key(&self) -> Result<Keypair> {
        read_key_file(&self.find_key_path()?, "--keypair")
    }

    /// The HTTP API of the IPFS node, if one is chosen.
    pub fn ipfs_api(&self) -> Option<String> {
        self.ipfs.clone()
    }

    /// The relays, if they are chosen.
    pub fn relays(&self) -> Result<Option<RelayChoice>> {
        Ok(RelayChoice::from_texts(self.relays.iter().map(String::as_str))?)
    }

    /// Opens the content store.
    pub fn open_store(&self) -> Result<Store> {
        let store = open_store(&self.find_url()?, self.store.as_deref())?;
        Ok(match &self.ipfs {
            Some(ipfs) => store.with_ipfs(ipfs),
            None => store,
        })
    }
}

/// Reads a key in the format of `solana-keygen`. An error names the option that chooses another.
pub fn read_key_file(path: &Path, option: &str) -> Result<Keypair> {
    let keypair = read_keypair_file(path).map_err(|error| {
        anyhow!(
            "cannot read the key {}: {error}; name another with {option} FILE, \
             or create one with `nosana wallet new`",
            path.display()
        )
    })?;

    warn_about_readers(path);
    Ok(keypair)
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

/// Parses the address of an IPFS node's HTTP API.
fn parse_ipfs(text: &str) -> Result<String, String> {
    let address = text.trim();
    if ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme)) {
        return Ok(address.to_owned());
    }

    // What `ipfs config Addresses.API` prints.
    let parts: Vec<&str> = address.split('/').collect();
    let url = match parts[..] {
        ["", "ip4" | "dns" | "dns4" | "dns6" | "dnsaddr", host, "tcp", port, ..] => {
            format!("http://{host}:{port}")
        }
        ["", "ip6", host, "tcp", port, ..] => format!("http://[{host}]:{port}"),
        _ => "http://127.0.0.1:5001".to_owned(),
    };
    Err(format!("not the address of an HTTP API; give one like {url}"))
}

#[cfg(test)]
mod tests {
    use super::parse_ipfs;

    #[test]
    fn an_address_of_another_form_is_refused_with_the_right_one() {
        assert_eq!(parse_ipfs("http://127.0.0.1:5001").unwrap(), "http://127.0.0.1:5001");
        for (text, right) in [
            ("/ip4/10.0.0.1/tcp/5001", "http://10.0.0.1:5001"),
            ("/ip6/::1/tcp/5001", "http://[::1]:5001"),
            ("/dns4/kubo/tcp/80/http", "http://kubo:80"),
            ("127.0.0.1:5001", "http://127.0.0.1:5001"),
            ("", "http://127.0.0.1:5001"),
        ] {
            assert!(parse_ipfs(text).unwrap_err().ends_with(right), "{text}");
        }
    }
}

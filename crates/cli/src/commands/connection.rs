//! Where the network is, and who asks.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use nosana_client::{
    Receipt, SendOptions, Session,
    jobs::accounts::{Config, Job, Market},
    pda,
};
use nosana_store::Store;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::{Keypair, read_keypair_file};
use solana_signer::Signer;

use super::solana::{Settings, moniker};
use crate::files::Folders;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Options of every command that talks to the network. What is not given is taken from the Solana
/// tools' configuration.
#[derive(Debug, Args)]
pub struct Connection {
    /// JSON-RPC address, or localhost, devnet, testnet, mainnet-beta; by default the Solana tools'
    /// or the local network
    #[arg(short, long, env = "NOSANA_URL")]
    url: Option<String>,
    /// Websocket address; by default one port above the RPC's
    #[arg(long)]
    ws: Option<String>,
    /// Your key, as `solana-keygen` writes it; by default the Solana tools'
    #[arg(short, long, env = "NOSANA_KEYPAIR")]
    keypair: Option<PathBuf>,
    /// The Solana tools' configuration; by default ~/.config/solana/cli/config.yml
    #[arg(short = 'C', long)]
    config: Option<PathBuf>,
    /// Folder of the content store; by default that of the local network
    #[arg(long, env = "NOSANA_STORE")]
    store: Option<PathBuf>,
    /// HTTP API of an IPFS node that shares the store's content with others, such as
    /// http://127.0.0.1:5001
    #[arg(long, env = "NOSANA_IPFS")]
    ipfs: Option<String>,
    /// Print text or JSON
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The same as --output json
    #[arg(long)]
    json: bool,
}

/// An open connection.
pub struct Open {
    /// The network.
    pub session: Session,
    /// The client.
    pub keypair: Keypair,
    /// Definitions and results.
    pub store: Store,
    /// The mint of NOS.
    pub mint: Address,
}

impl Connection {
    /// Whether JSON is printed.
    pub fn json(&self) -> bool {
        self.json || self.output == Output::Json
    }

    /// Connects, reads the key, and looks up the mint.
    pub async fn open(&self) -> Result<Open> {
        let settings = Settings::read(self.config.as_deref())?;
        let url = match self.url.clone() {
            Some(url) => moniker(&url),
            None => settings.json_rpc_url.as_deref().map_or_else(|| moniker("localhost"), moniker),
        };
        ensure!(
            url.starts_with("http://") || url.starts_with("https://"),
            "`{url}` is no address of a network: --url takes http://…, https://…, localhost, devnet, testnet or mainnet-beta"
        );
        let configured = settings.websocket_url.filter(|ws| self.url.is_none() && !ws.is_empty());
        let ws = self.ws.clone().or(configured).map_or_else(|| websocket(&url), Ok)?;
        let session = Session::connect(&url, &ws).await.with_context(|| {
            format!("there is no network at {url}: start one with `nosana localnet`, or name one with --url")
        })?;
        let path = match self.keypair.clone().or(settings.keypair_path) {
            Some(path) => path,
            None => std::env::home_dir()
                .context("no home folder: name a key with --keypair")?
                .join(".config/solana/id.json"),
        };
        let keypair = read_keypair_file(&path).map_err(|error| {
            anyhow!(
                "cannot read the key {}: {error}; name another with --keypair FILE",
                path.display()
            )
        })?;
        warn_of_readers(&path);
        let store = open_store(&url, self.store.as_deref())?;
        let store = match &self.ipfs {
            Some(ipfs) => store.with_ipfs(ipfs),
            None => store,
        };
        let config = session
            .account::<Config>(&pda::jobs::config())
            .await
            .context("the programs are not set up there")?;
        Ok(Open { session, keypair, store, mint: config.nos_mint })
    }
}

/// The store in the folder that was named, or in that of a local network. A folder that was
/// mistyped would be an empty store, and a job with its definition there one that no node can run.
fn open_store(url: &str, named: Option<&Path>) -> Result<Store> {
    let folder = Folders::choose(url, named.map(Path::to_owned))?.store;
    if named.is_some() && !folder.is_dir() {
        let parent = folder.parent().unwrap_or(&folder);
        ensure!(
            parent.is_dir(),
            "there is no folder {} for the store: name another with --store",
            parent.display()
        );
        eprintln!(
            "made an empty store in {}: a node reads jobs from there if it has the same",
            folder.display()
        );
    }
    Ok(Store::open(folder)?)
}

/// Says so if others of this machine can use the key.
fn warn_of_readers(path: &Path) {
    let others = |found: std::fs::Metadata| found.permissions().mode() & 0o077 != 0;
    if std::fs::metadata(path).is_ok_and(others) {
        let path = path.display();
        tracing::warn!(
            "other users of this machine can read the key {path}: `chmod 600 {path}` keeps it yours"
        );
    }
}

impl Open {
    /// The client's address.
    pub fn client(&self) -> Address {
        self.keypair.pubkey()
    }

    /// Sends one instruction, signed and paid by the client.
    pub async fn send(&self, instruction: impl Into<Instruction>) -> Result<Receipt> {
        self.send_all(&[instruction.into()]).await
    }

    /// The same with several in one transaction.
    ///
    /// It is signed once: servers that disagree about whether it has expired must not make a person
    /// pay twice.
    pub async fn send_all(&self, instructions: &[Instruction]) -> Result<Receipt> {
        let once = SendOptions { signed_anew: 0, ..SendOptions::default() };
        Ok(self.session.send_with(instructions, &self.keypair, &[], &once).await?)
    }

    /// A job that must be there.
    pub async fn job(&self, address: &Address) -> Result<Job> {
        let job = self.session.find_account::<Job>(address).await?;
        job.with_context(|| {
            format!("there is no job at {address}: it was never listed, or is closed already")
        })
    }

    /// The market that was named, or the only one there is.
    pub async fn market(&self, named: Option<Address>) -> Result<(Address, Market)> {
        if let Some(address) = named {
            return Ok((address, self.session.account::<Market>(&address).await?));
        }
        let mut markets = self.session.accounts::<Market>(&[]).await?;
        markets.retain(|(_, market)| market.retired == 0);
        match markets.len() {
            1 => markets.pop().context("one market"),
            0 => bail!("no market is open on this network"),
            count => bail!(
                "{count} markets are open on this network: name one, `nosana market list` shows them"
            ),
        }
    }
}

/// The websocket beside an RPC server, as the Solana tools guess it.
fn websocket(url: &str) -> Result<String> {
    let ws = url.replacen("http", "ws", 1);
    let Some((rest, port)) = ws.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok())
    else {
        return Ok(ws);
    };
    let next = port
        .parse::<u16>()?
        .checked_add(1)
        .context("no port is left for the websocket: name it with --ws")?;
    Ok(format!("{rest}:{next}"))
}

#[cfg(test)]
mod tests {
    use super::websocket;

    #[test]
    fn the_websocket_is_next_door() {
        assert_eq!(websocket("http://127.0.0.1:8899").unwrap(), "ws://127.0.0.1:8900");
        assert_eq!(websocket("https://api.example.com").unwrap(), "wss://api.example.com");
        assert!(websocket("http://127.0.0.1:65535").is_err());
    }
}

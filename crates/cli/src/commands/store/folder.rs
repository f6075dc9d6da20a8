//! Which store a command uses.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_store::Store;

use crate::{
    commands::solana_config::{SolanaConfig, resolve_moniker},
    localnet_files::LocalnetFolders,
};

/// The store.
#[derive(Debug, Args)]
pub struct StoreOptions {
    /// Folder of the content store; defaults to that of the network
    #[arg(long, env = "NOSANA_STORE")]
    store: Option<PathBuf>,
    /// The network whose store it is; defaults to the Solana tools' network, else to the local one
    #[arg(short, long, env = "NOSANA_URL")]
    url: Option<String>,
    /// HTTP API of an IPFS node that gets what is stored, and has what is missing
    #[arg(long, env = "NOSANA_IPFS")]
    ipfs: Option<String>,
}

impl StoreOptions {
    /// The store's folder.
    pub fn folder(&self) -> Result<PathBuf> {
        let configured = SolanaConfig::read(None)?.json_rpc_url;
        let url = self.url.clone().or(configured).unwrap_or_else(|| "localhost".to_owned());
        Ok(LocalnetFolders::choose(&resolve_moniker(&url), self.store.clone())?.store)
    }

    /// Opens the store, which must exist.
    pub fn open(&self) -> Result<Store> {
        let folder = self.folder()?;
        ensure!(
            folder.is_dir(),
            "cannot find a store at {}; name its folder with --store, or its network with --url",
            folder.display()
        );

        self.open_in(folder)
    }

    /// Opens the store, and creates it if it does not exist.
    pub fn open_or_create(&self) -> Result<Store> {
        self.open_in(self.folder()?)
    }

    fn open_in(&self, folder: PathBuf) -> Result<Store> {
        let store = Store::open(folder)?;
        Ok(match &self.ipfs {
            Some(ipfs) => store.with_ipfs(ipfs),
            None => store,
        })
    }
}

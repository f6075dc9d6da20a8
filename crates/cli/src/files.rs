//! What a local network leaves on the disk while it runs: key files, and the file that tells others
//! about it.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_job_spec::Digest;
use nosana_localnet::World;
use serde::Serialize;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::NamedTempFile;

/// Where the files go.
pub struct Folders {
    /// The content store.
    pub store: PathBuf,
    /// The wallets' keys.
    pub keys: PathBuf,
    base: PathBuf,
}

/// What programs have to know to use the network.
#[derive(Serialize)]
pub struct Info {
    rpc_url: String,
    ws_url: String,
    nos_mint: String,
    market: String,
    store: PathBuf,
    wallets: BTreeMap<&'static str, Vec<u8>>,
    #[serde(skip)]
    owners: Vec<(&'static str, String)>,
}

/// A file or folder that is removed when this is dropped. What it tells is worthless after its
/// network.
pub struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let removed =
            if self.0.is_dir() { fs::remove_dir_all(&self.0) } else { fs::remove_file(&self.0) };
        if let Err(error) = removed {
            tracing::debug!(%error, path = %self.0.display(), "cannot remove");
        }
    }
}

impl Folders {
    /// Folders for the network at `rpc_url` in the user's cache; the store may be elsewhere, and is
    /// kept then.
    pub fn choose(rpc_url: &str, store: Option<PathBuf>) -> Result<Self> {
        let xdg =
            std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || {
            std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".cache"))
        };
        let cache = xdg.or_else(home).unwrap_or_else(std::env::temp_dir);
        let base = cache.join("nosana").join("localnet").join(folder_of(rpc_url));
        let store =
            store.map(std::path::absolute).transpose()?.unwrap_or_else(|| base.join("store"));
        Ok(Self { store, keys: base.join("keys"), base })
    }

    /// Writes the wallets' keys in the form of `solana-keygen`, readable by their owner only. What
    /// is returned removes everything in the cache.
    pub fn write_keys(&self, world: &World) -> Result<Removed> {
        let folder = &self.keys;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let removed = Removed(self.base.clone());
        for (name, wallet) in wallets(world) {
            let json = serde_json::to_vec(&wallet.to_bytes().to_vec())?;
            write_whole(&folder.join(format!("{name}.json")), &json)?;
        }
        Ok(removed)
    }
}

impl Info {
    /// What there is to know.
    pub fn new(world: &World, store: &Path) -> Self {
        let told = wallets(world).into_iter().filter(|(name, _)| *name != "staker");
        Self {
            rpc_url: world.network.rpc_url(),
            ws_url: world.network.ws_url(),
            nos_mint: world.mint.to_string(),
            market: world.market.to_string(),
            store: store.to_owned(),
            wallets: told.map(|(name, wallet)| (name, wallet.to_bytes().to_vec())).collect(),
            owners: wallets(world)
                .map(|(name, wallet)| (name, wallet.pubkey().to_string()))
                .to_vec(),
        }
    }

    /// Writes the file, in one step: whoever finds it finds all of it.
    pub fn write(&self, path: &Path) -> Result<Removed> {
        write_whole(path, &serde_json::to_vec_pretty(self)?)?;
        Ok(Removed(path.to_owned()))
    }

    /// The same for people, without the keys.
    pub fn summary(&self) -> String {
        let store = self.store.display().to_string();
        let places = [
            ("rpc", &self.rpc_url),
            ("websocket", &self.ws_url),
            ("nos mint", &self.nos_mint),
            ("market", &self.market),
        ];
        let owners = self.owners.iter().map(|(name, address)| (*name, address));
        let all = places.into_iter().chain(owners).chain([("store", &store)]);
        all.map(|(name, value)| format!("{name:<10} {value}")).collect::<Vec<_>>().join("\n")
    }
}

/// The name of a network's folder: the port for one on this machine, else the host. What follows
/// the host may be a secret, so only its hash is kept.
fn folder_of(rpc_url: &str) -> String {
    let address = rpc_url.split_once("://").map_or(rpc_url, |(_, rest)| rest);
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, rest) = address.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if let Some((name, port)) = host.rsplit_once(':')
        && ["127.0.0.1", "localhost", "[::1]"].contains(&name)
        && rest.trim_start_matches('/').is_empty()
    {
        return port.chars().filter(char::is_ascii_digit).collect();
    }
    let clean = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
    let host: String = host.chars().map(clean).collect();
    let secret = Digest::of(format!("{authority}{rest}").as_bytes()).to_string();
    format!("at-{host}-{}", &secret[..8])
}

fn wallets(world: &World) -> [(&'static str, &Keypair); 4] {
    [
        ("client", &world.client),
        ("deployer", &world.deployer),
        ("node", &world.node),
        ("staker", &world.staker),
    ]
}

/// Writes beside `path`, then renames.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> Result<()> {
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut staged = NamedTempFile::new_in(folder)?;
        staged.write_all(bytes)?;
        staged.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Folders, Removed, folder_of, write_whole};

    #[test]
    fn files_are_whole_and_vanish_with_their_network() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("info.json");
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        drop(Removed(path.clone()));
        assert!(!path.exists());
        assert!(write_whole(&folder.path().join("none").join("info.json"), b"").is_err());
    }

    #[test]
    fn networks_on_different_ports_have_different_folders() {
        let [one, other] = [8899, 9899]
            .map(|port| Folders::choose(&format!("http://127.0.0.1:{port}"), None).unwrap());
        assert_ne!(one.store, other.store);
        assert_ne!(one.keys, other.keys);
        assert_eq!(folder_of("http://localhost:8899/"), "8899");
        for url in [
            "https://rpc.example.com",
            "https://rpc.example.com/v1/?api-key=secret",
            "http://../..:80",
            "//x",
        ] {
            let name = folder_of(url);
            assert!(
                name.starts_with("at-") && !name.contains(['/', '?']) && !name.contains("secret"),
                "{url}: {name}"
            );
        }
    }
}

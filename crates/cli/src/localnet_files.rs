//! Files of a running local network: its keys, its store, and the file that describes it to other
//! programs.

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

/// Folders of a network.
pub struct LocalnetFolders {
    /// The content store.
    pub store: PathBuf,
    /// The wallets' keys.
    pub keys: PathBuf,
    /// The state of the network's node.
    pub state: PathBuf,
    base: PathBuf,
}

/// Addresses and keys that programs need to use the network.
#[derive(Serialize)]
pub struct LocalnetInfo {
    rpc_url: String,
    ws_url: String,
    nos_mint: String,
    market: String,
    store: PathBuf,
    /// The content endpoint, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_url: Option<String>,
    wallets: BTreeMap<&'static str, Vec<u8>>,
    #[serde(skip)]
    owners: Vec<(&'static str, String)>,
}

/// Removes a file or folder when it is dropped: the path is useless once the network stops.
pub struct RemoveOnDrop(PathBuf);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let removed =
            if self.0.is_dir() { fs::remove_dir_all(&self.0) } else { fs::remove_file(&self.0) };

        if let Err(error) = removed {
            tracing::debug!(%error, path = %self.0.display(), "cannot remove");
        }
    }
}

impl LocalnetFolders {
    /// Returns the folders of the network at `rpc_url`, in the user's cache. A named store may be
    /// anywhere, and is not removed.
    pub fn choose(rpc_url: &str, store: Option<PathBuf>) -> Result<Self> {
        let base = cache_folder().join("nosana").join("localnet").join(folder_name(rpc_url));
        let store =
            store.map(std::path::absolute).transpose()?.unwrap_or_else(|| base.join("store"));
        Ok(Self { store, keys: base.join("keys"), state: base.join("node"), base })
    }

    /// Writes the wallets' keys in the format of `solana-keygen`, readable by their owner only. The
    /// returned guard removes the network's folder in the cache.
    pub fn write_keys(&self, world: &World) -> Result<RemoveOnDrop> {
        let folder = &self.keys;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let guard = RemoveOnDrop(self.base.clone());

        for (name, wallet) in named_wallets(world) {
            let json = serde_json::to_vec(&wallet.to_bytes().to_vec())?;
            write_atomically(&folder.join(format!("{name}.json")), &json)?;
        }
        Ok(guard)
    }
}

impl LocalnetInfo {
    /// Describes a running network.
    pub fn new(world: &World, store: &Path, content_url: Option<String>) -> Self {
        let wallets = named_wallets(world);
        let owners = wallets.map(|(name, wallet)| (name, wallet.pubkey().to_string())).to_vec();
        let published = wallets.into_iter().filter(|(name, _)| *name != "staker");

        Self {
            rpc_url: world.network.rpc_url(),
            ws_url: world.network.ws_url(),
            nos_mint: world.mint.to_string(),
            market: world.market.to_string(),
            store: store.to_owned(),
            content_url,
            wallets: published.map(|(name, wallet)| (name, wallet.to_bytes().to_vec())).collect(),
            owners,
        }
    }

    /// Writes the file atomically: readers never see a part of it. The returned guard removes it.
    pub fn write_to(&self, path: &Path) -> Result<RemoveOnDrop> {
        write_atomically(path, &serde_json::to_vec_pretty(self)?)?;
        Ok(RemoveOnDrop(path.to_owned()))
    }

    /// Returns a summary for people, without the keys.
    pub fn summarize(&self) -> String {
        let store = self.store.display().to_string();
        let places = [
            ("rpc", &self.rpc_url),
            ("websocket", &self.ws_url),
            ("nos mint", &self.nos_mint),
            ("market", &self.market),
        ];

        let owners = self.owners.iter().map(|(name, address)| (*name, address));
        let content = self.content_url.iter().map(|url| ("content", url));
        let all = places.into_iter().chain(owners).chain([("store", &store)]).chain(content);
        all.map(|(name, value)| format!("{name:<10} {value}")).collect::<Vec<_>>().join("\n")
    }
}

/// The user's folder for caches, by the XDG convention.
fn cache_folder() -> PathBuf {
    let xdg =
        std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home =
        || std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".cache"));

    xdg.or_else(home).unwrap_or_else(std::env::temp_dir)
}

/// The name of a network's folder: the port if it runs on this machine, whatever follows, else the
/// host. The path after the host may contain a secret, so the name has only its hash.
fn folder_name(rpc_url: &str) -> String {
    let address = rpc_url.split_once("://").map_or(rpc_url, |(_, rest)| rest);
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, rest) = address.split_at(end);

    let host = authority.rsplit('@').next().unwrap_or(authority);
    if let Some((name, port)) = host.rsplit_once(':')
        && ["127.0.0.1", "localhost", "[::1]"].contains(&name.to_ascii_lowercase().as_str())
    {
        return port.chars().filter(char::is_ascii_digit).collect();
    }

    let clean = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
    let host: String = host.chars().map(clean).collect();
    let secret = Digest::of(format!("{authority}{rest}").as_bytes()).to_string();
    format!("at-{host}-{}", &secret[..8])
}

fn named_wallets(world: &World) -> [(&'static str, &Keypair); 4] {
    [
        ("client", &world.client),
        ("deployer", &world.deployer),
        ("node", &world.node),
        ("staker", &world.staker),
    ]
}

/// Writes a temporary file beside `path`, then renames it.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
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
    use super::{LocalnetFolders, RemoveOnDrop, folder_name, write_atomically};

    #[test]
    fn files_are_written_whole_and_removed_with_their_network() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("info.json");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        drop(RemoveOnDrop(path.clone()));
        assert!(!path.exists());
        assert!(write_atomically(&folder.path().join("none").join("info.json"), b"").is_err());
    }

    #[test]
    fn networks_on_different_ports_have_different_folders() {
        let [one, other] = [8899, 9899].map(|port| {
            LocalnetFolders::choose(&format!("http://127.0.0.1:{port}"), None).unwrap()
        });
        assert_ne!(one.store, other.store);
        assert_ne!(one.keys, other.keys);
        for url in ["http://localhost:8899/", "http://127.0.0.1:8899/?key=a", "HTTP://[::1]:8899#x"]
        {
            assert_eq!(folder_name(url), "8899", "{url}");
        }
        for url in [
            "https://rpc.example.com",
            "https://rpc.example.com/v1/?api-key=secret",
            "http://../..:80",
            "//x",
        ] {
            let name = folder_name(url);
            assert!(
                name.starts_with("at-") && !name.contains(['/', '?']) && !name.contains("secret"),
                "{url}: {name}"
            );
        }
    }
}

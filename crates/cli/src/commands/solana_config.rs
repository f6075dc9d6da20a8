//! The Solana tools' configuration: users who have set it up do not give network and key again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The fields of the configuration that `nosana` uses.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SolanaConfig {
    /// JSON-RPC address.
    pub json_rpc_url: Option<String>,
    /// Websocket address; empty if it follows from the other.
    pub websocket_url: Option<String>,
    /// The key file.
    pub keypair_path: Option<PathBuf>,
}

impl SolanaConfig {
    /// Reads `path`, or the tools' default file, which may be missing.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let default_file = || home_folder().map(|home| home.join(".config/solana/cli/config.yml"));
        let Some(file) = path.map(Path::to_owned).or_else(default_file) else {
            return Ok(Self::default());
        };
        if path.is_none() && !file.is_file() {
            return Ok(Self::default());
        }

        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| {
            format!(
                "{} is not a valid configuration of the Solana tools; name another with --config",
                file.display()
            )
        })
    }

    fn parse(text: &str) -> Result<Self> {
        Ok(serde_yaml::from_str::<Option<Self>>(text)?.unwrap_or_default())
    }
}

/// Returns the user's home folder; `None` if `HOME` is set to nothing, or to no absolute path.
pub fn home_folder() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// Returns the address behind a short name of the Solana tools; any other text is an address
/// itself.
pub fn resolve_moniker(url: &str) -> String {
    match url {
        "l" | "localhost" => "http://127.0.0.1:8899",
        "d" | "devnet" => "https://api.devnet.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{SolanaConfig, resolve_moniker};

    #[test]
    fn the_tools_configuration_is_read() {
        let text = "---\njson_rpc_url: \"https://api.devnet.solana.com\"\nwebsocket_url: \"\"\n\
                    keypair_path: /home/me/id.json\n\
                    address_labels:\n  \"11111111111111111111111111111111\": System\n";
        let config = SolanaConfig::parse(text).unwrap();
        assert_eq!(config.json_rpc_url.as_deref(), Some("https://api.devnet.solana.com"));
        assert_eq!(config.websocket_url.as_deref(), Some(""));
        assert_eq!(config.keypair_path.unwrap().to_str(), Some("/home/me/id.json"));
        assert_eq!(SolanaConfig::parse("").unwrap(), SolanaConfig::default());
        assert!(SolanaConfig::parse("- 1").is_err());
        assert_eq!(resolve_moniker("l"), "http://127.0.0.1:8899");
        assert_eq!(resolve_moniker("http://x"), "http://x");
    }
}

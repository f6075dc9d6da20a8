//! The Solana tools' configuration, so that who has set them up need not say it again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// What of their configuration is used here.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// JSON-RPC address.
    pub json_rpc_url: Option<String>,
    /// Websocket address; empty if it follows from the other.
    pub websocket_url: Option<String>,
    /// The key.
    pub keypair_path: Option<PathBuf>,
}

impl Settings {
    /// Reads `path`, or the tools' usual place, which need not be there.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let usual = || std::env::home_dir().map(|home| home.join(".config/solana/cli/config.yml"));
        let Some(file) = path.map(Path::to_owned).or_else(usual) else {
            return Ok(Self::default());
        };
        if path.is_none() && !file.is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| {
            format!("{} is not a configuration of the Solana tools", file.display())
        })
    }

    fn parse(text: &str) -> Result<Self> {
        Ok(serde_yaml::from_str::<Option<Self>>(text)?.unwrap_or_default())
    }
}

/// The address that a short name stands for, as the Solana tools understand it.
pub fn moniker(url: &str) -> String {
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
    use super::{Settings, moniker};

    #[test]
    fn the_tools_configuration_is_read() {
        let text = "---\njson_rpc_url: \"https://api.devnet.solana.com\"\nwebsocket_url: \"\"\n\
                    keypair_path: /home/me/id.json\naddress_labels:\n  \"11111111111111111111111111111111\": System\n";
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.json_rpc_url.as_deref(), Some("https://api.devnet.solana.com"));
        assert_eq!(settings.websocket_url.as_deref(), Some(""));
        assert_eq!(settings.keypair_path.unwrap().to_str(), Some("/home/me/id.json"));
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
        assert!(Settings::parse("- 1").is_err());
        assert_eq!(
            (moniker("l"), moniker("http://x")),
            ("http://127.0.0.1:8899".into(), "http://x".into())
        );
    }
}

//! `nosana wallet new`: create a key.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::commands::{solana_config::home_folder, values::print_json};

/// The file, and the format of the output.
#[derive(Debug, Args)]
pub struct NewOptions {
    /// File for the key, in the format of `solana-keygen`; must not exist yet; defaults to
    /// ~/.config/solana/id.json
    file: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Creates a key that only the user can read, and prints its address.
pub fn create_wallet(options: &NewOptions) -> Result<()> {
    let path = match &options.file {
        Some(file) => file.clone(),
        None => home_folder()
            .context("cannot find the home folder; name a file for the key")?
            .join(".config/solana/id.json"),
    };
    let keypair = Keypair::new();
    write_key(&path, &keypair)?;

    let address = keypair.pubkey().to_string();
    if options.json {
        return print_json(&json!({ "address": address, "file": path }));
    }
    println!("{address}");
    eprintln!("the key is in {}; anyone who has this file has the wallet", path.display());
    Ok(())
}

/// Writes the key to a new file. Never overwrites one: that would lose a wallet.
fn write_key(path: &Path, keypair: &Keypair) -> Result<()> {
    let cannot_write = || format!("cannot write the key to {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(cannot_write)?;
    }

    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} exists already, and is not overwritten; name another file", path.display())
        }
        Err(error) => return Err(error).with_context(cannot_write),
    };
    let json = serde_json::to_vec(&keypair.to_bytes().to_vec())?;
    file.write_all(&json).and_then(|()| file.sync_all()).with_context(cannot_write)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use solana_keypair::read_keypair_file;

    use super::*;

    #[test]
    fn a_key_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/one.json");
        let keypair = Keypair::new();
        write_key(&path, &keypair).unwrap();
        assert_eq!(read_keypair_file(&path).unwrap(), keypair);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let refused = write_key(&path, &Keypair::new()).unwrap_err().to_string();
        assert!(refused.contains("exists already"), "{refused}");
        assert_eq!(read_keypair_file(&path).unwrap(), keypair);
    }
}

//! Checks of the content store.

use anyhow::{Result, ensure};

use super::finding::Finding;
use crate::commands::connection::ConnectionOptions;

/// What is written to the store, and read back.
const SAMPLE: &[u8] = b"nosana doctor\n";

/// Checks that the store keeps what is written to it, with the IPFS node behind it.
pub fn check_store(connection: &ConnectionOptions) -> Finding {
    match write_and_read(connection) {
        Ok(text) => Finding::good("store", text),
        Err(error) => Finding::bad("store", &error),
    }
}

fn write_and_read(connection: &ConnectionOptions) -> Result<String> {
    let store = connection.open_store()?;
    let content = store.put(SAMPLE)?;
    ensure!(
        store.get(&content, SAMPLE.len() as u64)? == SAMPLE,
        "the store at {} returns other content than was written",
        store.folder().display()
    );
    Ok(format!("{} keeps what is written", store.folder().display()))
}

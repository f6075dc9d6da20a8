//! The configuration of a local network.

use anyhow::{Result, ensure};
use solana_address::Address;

use crate::program::ProgramFile;

/// The configuration of a local network. The default has no programs, no funded wallets, and a free
/// pair of ports.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    /// Port of the JSON-RPC server on 127.0.0.1; the websocket server has the next one. 0 picks a
    /// free pair.
    pub rpc_port: u16,
    /// Milliseconds between two blocks, at least 1: 50 to 100 for tests, 400 for a demo.
    pub slot_ms: u64,
    /// Programs that exist from the first block, upgradeable as on a real cluster.
    pub programs: Vec<ProgramFile>,
    /// Wallets that exist from the first block, each with an amount in lamports.
    pub airdrops: Vec<(Address, u64)>,
    /// Upgrade authority of the programs; `None` makes them final.
    pub upgrade_authority: Option<Address>,
}

impl LocalnetConfig {
    /// The slot time of [`LocalnetConfig::default`], in milliseconds.
    pub const DEFAULT_SLOT_MS: u64 = 100;

    pub(crate) fn check_slot_time(&self) -> Result<()> {
        ensure!(self.slot_ms > 0, "slot_ms is 0, but a block takes at least 1 millisecond");
        Ok(())
    }
}

impl Default for LocalnetConfig {
    fn default() -> Self {
        Self {
            rpc_port: 0,
            slot_ms: Self::DEFAULT_SLOT_MS,
            programs: Vec::new(),
            airdrops: Vec::new(),
            upgrade_authority: None,
        }
    }
}

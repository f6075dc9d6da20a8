//! The state before the first block.

use anyhow::{Context, Result, anyhow, ensure};
use solana_address::Address;
use surfpool_core::surfnet::{
    GeyserEvent,
    svm::{SurfnetSvm, SurfnetSvmConfig},
};
use surfpool_types::{SimnetEvent, channel::Receiver};

use crate::{config::LocalnetConfig, program::Program};

/// A virtual machine that has not made a block yet, and what it tells the outside.
pub(crate) struct Genesis {
    pub vm: SurfnetSvm,
    pub events: Receiver<SimnetEvent>,
    pub geyser: Receiver<GeyserEvent>,
}

impl Genesis {
    /// SPL Token, associated token accounts, Token-2022 and Memo are always there, with mainnet's
    /// features.
    pub fn build(config: &LocalnetConfig, programs: &[Program]) -> Result<Self> {
        let settings = SurfnetSvmConfig {
            slot_time: config.slot_ms,
            // Profiling runs every transaction several times over.
            instruction_profiling_enabled: false,
            max_profiles: 1,
            ..SurfnetSvmConfig::default()
        };
        let (mut vm, events, geyser) =
            SurfnetSvm::new(settings).map_err(|error| anyhow!("{error}"))?;
        for program in programs {
            let rent = |size| vm.inner.minimum_balance_for_rent_exemption(size);
            for (address, account) in program.accounts(config.upgrade_authority, rent) {
                vm.set_account(&address, account)
                    .map_err(|error| anyhow!("{error}"))
                    .with_context(|| {
                        format!(
                            "{} is not a program that the runtime accepts",
                            program.file.path.display()
                        )
                    })?;
            }
        }
        for (address, lamports) in &config.airdrops {
            credit(&mut vm, address, *lamports)?;
        }
        Ok(Self { vm, events, geyser })
    }
}

/// Adds lamports that come from nowhere. Unlike the faucet's transfer it works any number of times
/// per block.
pub(crate) fn credit(vm: &mut SurfnetSvm, address: &Address, lamports: u64) -> Result<()> {
    let mut account =
        vm.get_account(address).map_err(|error| anyhow!("{error}"))?.unwrap_or_default();
    account.lamports = account
        .lamports
        .checked_add(lamports)
        .with_context(|| format!("{address} cannot hold {lamports} lamports more than it has"))?;
    let least = vm.inner.minimum_balance_for_rent_exemption(account.data.len());
    ensure!(
        account.lamports >= least,
        "an airdrop of {lamports} lamports leaves {address} with less than the {least} that an account must hold"
    );
    vm.set_account(address, account).map_err(|error| anyhow!("{error}"))
}

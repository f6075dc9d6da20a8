//! The state before the first block.

use anyhow::{Context, Result, anyhow, ensure};
use solana_address::Address;
use surfpool_core::surfnet::{
    GeyserEvent,
    svm::{SurfnetSvm, SurfnetSvmConfig},
};
use surfpool_types::{SimnetEvent, channel::Receiver};

use crate::{config::LocalnetConfig, program::LoadedProgram};

/// A virtual machine that has not produced a block yet, and the channels of its events.
pub(crate) struct Genesis {
    pub vm: SurfnetSvm,
    pub events: Receiver<SimnetEvent>,
    pub geyser: Receiver<GeyserEvent>,
}

impl Genesis {
    /// Creates the state. SPL Token, associated token accounts, Token-2022 and Memo always exist,
    /// with mainnet's features.
    pub fn new(config: &LocalnetConfig, programs: &[LoadedProgram]) -> Result<Self> {
        let settings = SurfnetSvmConfig {
            slot_time: config.slot_ms,
            // Profiling would run every transaction several times.
            instruction_profiling_enabled: false,
            max_profiles: 1,
            ..SurfnetSvmConfig::default()
        };
        let (mut vm, events, geyser) =
            SurfnetSvm::new(settings).map_err(|error| anyhow!("{error}"))?;

        for program in programs {
            add_program(&mut vm, program, config.upgrade_authority)?;
        }
        for (address, lamports) in &config.airdrops {
            credit_account(&mut vm, address, *lamports)?;
        }

        Ok(Self { vm, events, geyser })
    }
}

fn add_program(
    vm: &mut SurfnetSvm,
    program: &LoadedProgram,
    authority: Option<Address>,
) -> Result<()> {
    let rent = |size| vm.inner.minimum_balance_for_rent_exemption(size);
    for (address, account) in program.build_accounts(authority, rent) {
        vm.set_account(&address, account).map_err(|error| anyhow!("{error}")).with_context(
            || {
                let path = program.file.path.display();
                format!("{path} is not a program that the runtime accepts")
            },
        )?;
    }
    Ok(())
}

/// Adds lamports without a source. Unlike the faucet's transfer, this works any number of times per
/// block.
pub(crate) fn credit_account(vm: &mut SurfnetSvm, address: &Address, lamports: u64) -> Result<()> {
    let mut account =
        vm.get_account(address).map_err(|error| anyhow!("{error}"))?.unwrap_or_default();

    account.lamports = account
        .lamports
        .checked_add(lamports)
        .with_context(|| format!("the balance of {address} overflows with {lamports} lamports"))?;
    let min_lamports = vm.inner.minimum_balance_for_rent_exemption(account.data.len());
    ensure!(
        account.lamports >= min_lamports,
        "an airdrop of {lamports} lamports leaves {address} with less than the {min_lamports} \
         that an account must hold; airdrop more"
    );

    vm.set_account(address, account).map_err(|error| anyhow!("{error}"))
}

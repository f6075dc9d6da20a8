//! The chain's time, and how to move it.

use anyhow::{Context, Result, anyhow};
use solana_address::{Address, address};
use surfpool_core::surfnet::svm::SurfnetSvm;

use crate::network::Localnet;

/// The Clock sysvar.
const CLOCK: Address = address!("SysvarC1ock11111111111111111111111111111111");
/// Where the Clock keeps its unix timestamp: after the slot, the epoch's start and two epochs,
/// eight bytes each.
const TIMESTAMP: usize = 32;

impl Localnet {
    /// The unix time in seconds that programs see now.
    pub async fn unix_time(&self) -> Result<i64> {
        self.run_loop.with_vm(|vm| unix_time(vm)).await?
    }

    /// Moves time forward until it is at least `unix_seconds`, and returns the time it then is.
    /// Time that has come already is no error: blocks go on while a test computes where to go.
    ///
    /// The slot number moves along, by the time passed over the slot time; block hashes and
    /// transactions that wait stay valid, since no blocks are made in between.
    pub async fn warp_to(&self, unix_seconds: i64) -> Result<i64> {
        self.run_loop.with_vm(move |vm| warp(vm, unix_seconds)).await?
    }

    /// Moves time forward by that many seconds, and returns the unix time it then is.
    pub async fn advance_seconds(&self, seconds: u64) -> Result<i64> {
        self.run_loop
            .with_vm(move |vm| {
                let target = unix_time(vm)?
                    .checked_add_unsigned(seconds)
                    .context("that is after the end of time")?;
                warp(vm, target)
            })
            .await?
    }
}

fn unix_time(vm: &SurfnetSvm) -> Result<i64> {
    let clock = vm
        .get_account(&CLOCK)
        .map_err(|error| anyhow!("{error}"))?
        .context("the chain has no clock")?;
    let bytes = clock
        .data
        .get(TIMESTAMP..)
        .and_then(|bytes| bytes.first_chunk())
        .context("the clock is cut off")?;
    Ok(i64::from_le_bytes(*bytes))
}

/// In one go between two transactions, so that neither a block nor a slot can come in between and
/// turn time back.
fn warp(vm: &mut SurfnetSvm, unix_seconds: i64) -> Result<i64> {
    if unix_time(vm)? >= unix_seconds {
        return unix_time(vm);
    }
    close_block(vm)?;
    let millis = unix_seconds.checked_mul(1000).and_then(|millis| u64::try_from(millis).ok());
    let millis = millis.context("that is after the end of time")?;
    let slots = millis.saturating_sub(vm.updated_at) / vm.slot_time.max(1);
    let slot = vm
        .latest_epoch_info
        .absolute_slot
        .checked_add(slots)
        .context("that is after the last slot")?;
    vm.latest_epoch_info.absolute_slot = slot;
    // The block that closes now adds its slot time.
    vm.updated_at = millis.max(vm.updated_at).saturating_sub(vm.slot_time);
    close_block(vm)?;
    unix_time(vm)
}

/// Makes a block, which moves the slot and the Clock on and tells subscribers.
fn close_block(vm: &mut SurfnetSvm) -> Result<()> {
    vm.confirm_current_block().map_err(|error| anyhow!("cannot make a block: {error}"))
}

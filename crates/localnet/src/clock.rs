//! The chain's time, and how to move it.

use anyhow::{Context, Result, anyhow};
use solana_address::{Address, address};
use surfpool_core::surfnet::svm::SurfnetSvm;

use crate::network::Localnet;

/// The Clock sysvar.
const CLOCK: Address = address!("SysvarC1ock11111111111111111111111111111111");
/// Offset of the Clock's unix timestamp: after the slot, the epoch's start and two epochs, eight
/// bytes each.
const TIMESTAMP_OFFSET: usize = 32;

impl Localnet {
    /// Returns the current unix time of programs, in seconds.
    pub async fn unix_time(&self) -> Result<i64> {
        self.run_loop.with_vm(|vm| read_unix_time(vm)).await?
    }

    /// Moves time forward until it is at least `unix_seconds`, and returns the new time. Does
    /// nothing if that time has passed: blocks continue while a test computes its target.
    ///
    /// The slot number moves along, by the time passed over the slot time; block hashes and pending
    /// transactions stay valid, since no blocks are produced in between.
    pub async fn warp_to(&self, unix_seconds: i64) -> Result<i64> {
        self.run_loop.with_vm(move |vm| warp_clock(vm, unix_seconds)).await?
    }

    /// Moves time forward by that many seconds, and returns the new unix time.
    pub async fn advance_seconds(&self, seconds: u64) -> Result<i64> {
        self.run_loop
            .with_vm(move |vm| {
                let target = read_unix_time(vm)?
                    .checked_add_unsigned(seconds)
                    .context("the new time overflows; advance by fewer seconds")?;
                warp_clock(vm, target)
            })
            .await?
    }
}

fn read_unix_time(vm: &SurfnetSvm) -> Result<i64> {
    let clock = vm
        .get_account(&CLOCK)
        .map_err(|error| anyhow!("{error}"))?
        .context("the Clock sysvar is missing")?;
    let bytes = clock
        .data
        .get(TIMESTAMP_OFFSET..)
        .and_then(|bytes| bytes.first_chunk())
        .context("the Clock sysvar is too short")?;

    Ok(i64::from_le_bytes(*bytes))
}

/// Moves time in one step between two transactions, so that no block or slot in between can turn
/// time back.
fn warp_clock(vm: &mut SurfnetSvm, unix_seconds: i64) -> Result<i64> {
    if read_unix_time(vm)? >= unix_seconds {
        return read_unix_time(vm);
    }
    close_block(vm)?;

    let target_ms = unix_seconds
        .checked_mul(1000)
        .and_then(|millis| u64::try_from(millis).ok())
        .context("the new time overflows; choose an earlier one")?;
    let slots = target_ms.saturating_sub(vm.updated_at) / vm.slot_time.max(1);
    let slot = vm
        .latest_epoch_info
        .absolute_slot
        .checked_add(slots)
        .context("the new slot overflows; choose an earlier time")?;

    vm.latest_epoch_info.absolute_slot = slot;
    // The block that is closed next adds its slot time.
    vm.updated_at = target_ms.max(vm.updated_at).saturating_sub(vm.slot_time);
    close_block(vm)?;
    read_unix_time(vm)
}

/// Closes the current block, which advances the slot and the Clock and notifies subscribers.
fn close_block(vm: &mut SurfnetSvm) -> Result<()> {
    vm.confirm_current_block().map_err(|error| anyhow!("cannot close the block: {error}"))
}

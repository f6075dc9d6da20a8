//! The node of a local network.

use std::sync::Arc;

use nosana_engine::{DeviceChoice, EngineError, ModelStore};
use nosana_localnet::World;
use nosana_protocol::units::{BASE_UNITS_PER_NOS, SECONDS_PER_DAY};
use nosana_store::Store;
use nosana_worker::WorkerConfig;

/// The node's stake for each slot: 1,000 NOS for a year, which gives four times as much xNOS.
pub const STAKE_PER_SLOT: u64 = 1_000 * BASE_UNITS_PER_NOS;
/// The duration of that stake.
pub const STAKE_SECONDS: u64 = 365 * SECONDS_PER_DAY;

/// Returns the configuration of a node of `world` on the best device.
///
/// # Errors
/// If the folder for models is not known.
pub fn configure_worker(
    world: &World,
    store: &Store,
    slots: u8,
) -> Result<WorkerConfig, EngineError> {
    Ok(WorkerConfig {
        authority: Arc::new(world.node.insecure_clone()),
        market: world.market,
        mint: world.mint,
        store: store.clone(),
        models: ModelStore::in_user_cache()?,
        resources: None,
        gpus: DeviceChoice::Best,
        slots,
        stake_amount: STAKE_PER_SLOT.saturating_mul(slots.into()),
        stake_duration_seconds: STAKE_SECONDS,
        requested_terms: Default::default(),
        min_free_bytes: 0,
        priority_micro_lamports: 0,
        verification: Default::default(),
        state_folder: None,
        network: None,
    })
}

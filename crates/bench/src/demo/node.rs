//! Prepares the node.

use std::sync::Arc;

use anyhow::Result;
use nosana_engine::{DeviceChoice, MODELS, ModelStore};
use nosana_localnet::{World, WorldConfig};
use nosana_protocol::units::{BASE_UNITS_PER_NOS, SECONDS_PER_DAY};
use nosana_store::Store;
use nosana_worker::{Worker, WorkerConfig};

use super::{DemoConfig, wait};
use crate::{progress::Progress, report::Setting};

/// The node's stake: 1,000 NOS for a year, which gives four times as much xNOS.
pub const STAKE: u64 = 1_000 * BASE_UNITS_PER_NOS;
const STAKE_SECONDS: u64 = 365 * SECONDS_PER_DAY;

/// Opens and measures the GPU, stakes, and registers the node.
pub async fn prepare_node(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
    store: &Store,
) -> Result<(Worker, Setting)> {
    let part = progress.begin_part("node");
    part.set_step("opening the GPU, loading the model");

    let worker = WorkerConfig {
        authority: Arc::new(world.node.insecure_clone()),
        market: world.market,
        mint: world.mint,
        store: store.clone(),
        models: ModelStore::in_user_cache()?,
        gpus: DeviceChoice::Best,
        slots: 1,
        stake_amount: STAKE,
        stake_duration_seconds: STAKE_SECONDS,
        requested_terms: Default::default(),
        min_free_bytes: 0,
        priority_micro_lamports: 0,
        state_folder: None,
    };
    let preparing = Worker::prepare(world.session.clone(), worker);
    let worker = wait::with_timeout(config.patience, "preparing the node", preparing).await?;

    let hardware = worker.hardware_commitment().clone();
    part.finish(format!(
        "{} ({}), reads {} tokens a second",
        hardware.device, hardware.backend, hardware.prompt_tokens_per_second
    ));

    let terms = DemoConfig::market_terms();
    let defaults = WorldConfig::default();
    let setting = Setting {
        slot_ms: config.slot_ms,
        price_per_second: terms.price_per_second,
        network_fee_bps: defaults.network_fee_bps,
        epoch_seconds: defaults.epoch_seconds,
        market: world.market.to_string(),
        mint: world.mint.to_string(),
        models: MODELS.iter().map(|model| model.name).collect(),
        hardware_digest: hardware.digest()?.to_string(),
        hardware,
    };
    Ok((worker, setting))
}

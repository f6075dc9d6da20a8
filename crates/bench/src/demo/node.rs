//! Prepares the node.

use anyhow::Result;
use nosana_engine::MODELS;
use nosana_localnet::{World, WorldConfig};
use nosana_store::Store;
use nosana_worker::Worker;

use super::DemoConfig;
use crate::{node::configure_worker, progress::Progress, report::Setting, wait};

/// Opens and measures the GPU, stakes, and registers the node.
pub async fn prepare_node(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
    store: &Store,
) -> Result<(Worker, Setting)> {
    let part = progress.begin_part("node");
    part.set_step("opening the GPU, loading the model");

    let worker = configure_worker(world, store, 1)?;
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
